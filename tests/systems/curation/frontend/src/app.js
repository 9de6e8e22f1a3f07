// MUST-NOT-SHIP
const form = document.querySelector("form");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch("/documents", { method: "POST", body: form.elements.file.files[0] });
  document.querySelector("pre").textContent = JSON.stringify(await answer.json(), null, 2);
});
