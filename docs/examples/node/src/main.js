// A server that greets: `/` says for how long it has been running, `/health` that it does.
import http from "node:http";
import ms from "ms";

const started = Date.now();

const server = http.createServer((request, response) => {
  if (request.url === "/health") {
    response.end("ok\n");
  } else if (request.url === "/") {
    response.end(`Hello, for ${ms(Date.now() - started, { long: true })} now\n`);
  } else {
    response.writeHead(404).end("not found\n");
  }
});

// The first process of a container hears no signal that it does not ask for.
process.on("SIGTERM", () => process.exit(0));
server.listen(3000, () => console.log("greeting on port 3000"));
