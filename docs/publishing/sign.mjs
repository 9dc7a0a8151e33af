// node sign.mjs KEY.pem REALM < event.json > signed.json
import { createHash, createPrivateKey, createPublicKey, randomBytes, sign } from "node:crypto";
import { readFileSync } from "node:fs";

const [keyFile, realm] = process.argv.slice(2);
const key = createPrivateKey(readFileSync(keyFile));
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

// RFC 8785: keys in the order of their UTF-16 code units, numbers and texts as JSON.stringify.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join(",")}}`;
}

const publicKey = createPublicKey(key).export({ type: "spki", format: "der" }).subarray(-32);
const keyId = sha256(Buffer.from([1]), publicKey).subarray(0, 16).toString("base64url");
const { signature: _, ...event } = JSON.parse(readFileSync(0, "utf8").normalize("NFC"));
Object.assign(event, { signkey: keyId, signsalt: randomBytes(16).toString("base64url") });

// The leaf is SHA-256(0x00, the record in canonical form); a single event is a tree of one leaf.
const root = sha256(Buffer.from([0]), canonical(event)).toString("base64");
const statement = `dvk-events/v1\n${realm}\n${keyId}\n1\n${root}\n`;
const signature = sign(null, Buffer.from(statement), key).toString("base64url");
console.log(JSON.stringify({ ...event, signature: `0/1.${signature}` }));
