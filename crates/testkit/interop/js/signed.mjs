// The AWS SDK for JavaScript signs its requests to a fake Bedrock that checks signatures: over HTTP/2, which it speaks if it
// is left to itself, in the clear and over TLS, and over HTTP/1.1.
//
// Usage: node signed.mjs BEDROCK_STREAM      (our program)
// Exits 0 if right signatures pass, wrong ones do not, and an operation that the fake does not have is refused before its
// body ends. No AWS account, no network beyond loopback.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as sdk from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { VERSION, events } from "./client.mjs";

const MODEL = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.fake-v1:0";
const CREDENTIALS = { accessKeyId: "AKIDSIGNED", secretAccessKey: "secret", sessionToken: "token/+=" };

function client(endpoint, credentials, requestHandler) {
  return new sdk.BedrockRuntimeClient({ region: "us-east-1", endpoint, credentials, maxAttempts: 1, requestHandler });
}

async function stopReason(bedrock) {
  let reason;
  for await (const event of events(bedrock, MODEL, "Who is it?")) reason = event.messageStop?.stopReason ?? reason;
  return reason;
}

// The name of the error that a promise fails with, before ten seconds are over.
async function failure(promise) {
  const late = new Promise((resolve) => setTimeout(resolve, 10_000, "no answer").unref());
  return Promise.race([promise.then(() => "no error", (error) => error.name), late]);
}

// A session whose input goes on for as long as nobody answers.
async function* unending() {
  yield { chunk: { bytes: Buffer.from("{}") } };
  await new Promise((resolve) => setTimeout(resolve, 60_000).unref());
}

// What is wrong about the answers that the server at this URL gives.
async function mistakes(url) {
  const wrong = [];
  const expect = (what, found, expected) => found === expected || wrong.push(`${what}: ${found}, not ${expected}`);
  for (const handler of [undefined, new NodeHttpHandler()]) {
    const bedrock = client(url, CREDENTIALS, handler);
    const name = bedrock.config.requestHandler.constructor.name;
    expect("the handler", name, handler ? "NodeHttpHandler" : "NodeHttp2Handler");
    expect(`${name}, a right signature`, await stopReason(bedrock).catch((error) => error.name), "end_turn");
    const messages = [{ role: "user", content: [{ text: "Who is it?" }] }];
    const whole = bedrock.send(new sdk.ConverseCommand({ modelId: "a.b-v1:0", messages }));
    expect(`${name}, Converse`, await whole.then(({ stopReason }) => stopReason, (error) => error.name), "end_turn");
    const stranger = client(url, { ...CREDENTIALS, secretAccessKey: "wrong" }, handler);
    expect(`${name}, a wrong secret`, await failure(stopReason(stranger)), "InvalidSignatureException");
  }
  const session = new sdk.InvokeModelWithBidirectionalStreamCommand({ modelId: "amazon.nova-sonic-v1:0", body: unending() });
  const bedrock = client(url, CREDENTIALS);
  expect("an operation that is not served", await failure(bedrock.send(session)), "UnknownOperationException");
  return wrong;
}

// Node reads the authorities that it trusts when it starts, so each server is asked by a process of its own.
async function ask(url, authority) {
  const env = { ...process.env, ...(authority && { NODE_EXTRA_CA_CERTS: authority }) };
  const asker = spawn(process.execPath, ["--no-warnings", fileURLToPath(import.meta.url), "--ask", url], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = [];
  for await (const line of createInterface({ input: asker.stdout })) lines.push(line);
  const [code] = asker.exitCode === null ? await once(asker, "exit") : [asker.exitCode];
  return code === 0 ? lines : [...lines, `status ${code}`];
}

async function main(program) {
  const folder = mkdtempSync(join(tmpdir(), "signed-"));
  const credentials = Object.values(CREDENTIALS).join(":");
  let failed = 0;
  try {
    for (const authority of [undefined, join(folder, "authority.pem")]) {
      const record = join(folder, authority ? "tls" : "clear");
      const options = ["serve", "--credentials", credentials, "--record", record, ...(authority ? ["--tls-ca", authority] : [])];
      const server = spawn(program, options, { stdio: ["ignore", "pipe", "inherit"] });
      const url = (await createInterface({ input: server.stdout })[Symbol.asyncIterator]().next()).value;
      const wrong = await ask(url, authority);
      server.kill();
      const versions = readFileSync(record, "utf8").trim().split("\n").map((line) => JSON.parse(line).http);
      const counts = ["HTTP/2.0", "HTTP/1.1"].map((version) => versions.filter((one) => one === version).length);
      if (counts[0] !== 4 || counts[1] !== 3) wrong.push(`the server saw ${versions}`);
      for (const mistake of wrong) console.log(`FAILED  ${mistake}`);
      console.log(
        `AWS SDK for JavaScript ${VERSION} ${authority ? "over TLS" : "in the clear"}: ${counts[0]} requests by HTTP/2, ` +
          `${counts[1]} by HTTP/1.1, ${wrong.length} mistakes`,
      );
      failed += wrong.length;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  process.exit(failed > 0 ? 1 : 0);
}

if (process.argv[2] === "--ask") {
  for (const mistake of await mistakes(process.argv[3])) console.log(mistake);
  process.exit(0);
}
await main(process.argv[2]);
