// The AWS SDK for JavaScript streams an answer with every field from the test kit's fake Bedrock, and each exception; what
// it reads is compared with what was sent, member by member.
//
// Usage: node fields.mjs EVERY_FIELD      (the test kit's example of that name)
// Exits 0 if all of it agrees. No AWS account, no network beyond loopback.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { isDeepStrictEqual } from "node:util";
import * as sdk from "@aws-sdk/client-bedrock-runtime";
import { VERSION, client, events } from "./client.mjs";

const MODEL = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.fake-v1:0";
// Exceptions that the model of the operation's stream does not have: the SDK has no type for them there.
const UNTYPED = new Set(["modelTimeoutException", "unheardOfException"]);

// As JSON has it: bytes are base64, and what is undefined is absent.
const plain = (event) =>
  JSON.parse(JSON.stringify(event, (_, value) => (value instanceof Uint8Array ? base64(value) : value)));
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

async function until(lines) {
  const read = [];
  for (;;) {
    const { value, done } = await lines.next();
    if (done || value === "") return read;
    read.push(JSON.parse(value));
  }
}

// What is wrong about an exception that the SDK threw; nothing, if all is well.
function mistakes(name, payload, error) {
  if (!error) return ["nothing was thrown"];
  if (UNTYPED.has(name)) {
    return [error.name === name || "its name is lost", error.message.includes(payload.message) || "its message is lost"];
  }
  const type = sdk[name[0].toUpperCase() + name.slice(1)];
  const members = Object.entries(payload).map(
    ([member, value]) => isDeepStrictEqual(error[member], value) || `${member} is ${error[member]}`,
  );
  return [error instanceof type || `it is a ${error.constructor.name}`, ...members];
}

// What differs, of the answer's events and of the exceptions.
async function compare(bedrock, sent, exceptions) {
  const differences = [];
  const read = [];
  for await (const event of events(bedrock, MODEL, "Everything, please.")) read.push(plain(event));
  for (let at = 0; at < Math.max(sent.length, read.length); at += 1) {
    if (!isDeepStrictEqual(sent[at], read[at])) {
      differences.push(`sent ${JSON.stringify(sent[at])}\n        read ${JSON.stringify(read[at])}`);
    }
  }
  for (const { name, payload } of exceptions) {
    let thrown;
    let before = "";
    try {
      for await (const event of events(bedrock, name, "Fail, please.")) {
        before += event.contentBlockDelta?.delta?.text ?? "";
      }
    } catch (error) {
      thrown = error;
    }
    const wrong = mistakes(name, payload, thrown).filter((mistake) => mistake !== true);
    if (before !== "So far.") wrong.push(`before it came "${before}"`);
    differences.push(...wrong.map((mistake) => `${name}: ${mistake}`));
    if (UNTYPED.has(name) && thrown) {
      console.log(`${name}: a plain ${thrown.constructor.name} named ${thrown.name}, with the message ${thrown.message}`);
    }
  }
  return differences;
}

const server = spawn(process.argv[2], { stdio: ["pipe", "pipe", "inherit"] });
let differ = 0;
try {
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const url = (await lines.next()).value;
  const sent = await until(lines);
  const exceptions = await until(lines);
  for (const version of ["HTTP/1.1", "HTTP/2"]) {
    const differences = await compare(client(url, 10_000, version), sent, exceptions);
    for (const difference of differences) console.log(`FAILED  ${difference}`);
    console.log(
      `AWS SDK for JavaScript ${VERSION} over ${version}: ${sent.length} events and ${exceptions.length} exceptions sent, ` +
        `${differences.length} differ`,
    );
    differ += differences.length;
  }
} finally {
  server.stdin.end();
  if (server.exitCode === null) await once(server, "exit");
}
process.exit(differ > 0 ? 1 : 0);
