// Fills the table from programme.json: every channel repeats its films from midnight (UTC) on.
const channels = await (await fetch("programme.json")).json();
const table = document.querySelector("table");
const now = new Date();
const minute = now.getUTCHours() * 60 + now.getUTCMinutes();
const clock = (minutes) =>
  [minutes / 60, minutes % 60].map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");

for (const { channel, films } of channels) {
  for (let start = 0, i = 0; start < 24 * 60; i++) {
    const film = films[i % films.length];
    const end = start + film.minutes;
    const row = table.insertRow();
    row.classList.toggle("live", start <= minute && minute < end);
    const cells = { channel, start: clock(start), end: clock(end % (24 * 60)), title: film.title, year: film.year };
    for (const [name, text] of Object.entries(cells)) {
      const cell = row.insertCell();
      cell.className = name;
      cell.textContent = text;
    }
    start = end;
  }
}
