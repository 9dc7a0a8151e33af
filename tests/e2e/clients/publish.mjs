// Publishes with what Node brings: `fetch`, and for chunked bodies `node:http`, which offers an upgrade.
import { readFileSync } from "node:fs";
import http from "node:http";

const agent = new http.Agent({ keepAlive: true });

async function stated(address, type, body) {
  const answer = await fetch(address, { method: "POST", headers: { "Content-Type": type }, body });
  return [answer.status, await answer.text()];
}

function chunked(address, type, body) {
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": type, Connection: "Upgrade", Upgrade: "h2c" };
    const request = http.request(address, { method: "POST", headers, agent }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (piece) => (text += piece));
      answer.on("end", () => resolve([answer.statusCode, text]));
    });
    request.on("error", reject);
    request.write(body.subarray(0, 10));
    request.end(body.subarray(10));
  });
}

// Takes the address, and for each request "stated" or "chunked", a media type and a file.
const [, , address, ...words] = process.argv;
for (let at = 0; at < words.length; at += 3) {
  const [how, type, file] = words.slice(at, at + 3);
  const send = how === "chunked" ? chunked : stated;
  const [status, text] = await send(`${address}/events`, type, readFileSync(file));
  console.log(status, text);
}
agent.destroy();
