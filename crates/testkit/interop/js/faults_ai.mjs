// What Vercel's AI SDK concludes from each fault, over its own provider for Bedrock: ConverseStream, and Anthropic's models by Invoke.
//
// Usage: node faults_ai.mjs URL SECONDS converse|invoke <FAULTS
// Reads model ids of the fake Bedrock at URL, one a line, and prints what `faults.mjs` prints. An error is a part of the stream;
// the stop reason is the finish reason, where the model gave one.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import { createBedrockAnthropic } from "@ai-sdk/amazon-bedrock/anthropic";
import { streamText } from "ai";

const [url, seconds, dialect] = process.argv.slice(2);
const limit = Number(seconds) * 1000;
const VERSION = createRequire(import.meta.url)("@ai-sdk/amazon-bedrock/package.json").version;
// What the SDK says where the model said nothing.
const NO_REASON = new Set(["other", "unknown", "error"]);

const settings = { region: "us-east-1", accessKeyId: "AKIDINTEROP", secretAccessKey: "secret", baseURL: url };
const provider = dialect === "invoke" ? createBedrockAnthropic(settings) : createAmazonBedrock(settings);

// An error's class; for one of no class of its own, what it says, without the numbers.
function named(error) {
  if (!(error instanceof Error)) return error?.type ?? JSON.stringify(error);
  return error.name === "Error" ? error.message.split(/[\n:]/)[0].replace(/ \(\d+\)| of \d+/g, "") : error.name;
}

async function conclude(fault, seen) {
  let failure = null;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException("nothing more came", "TimeoutError")), limit);
  try {
    const { fullStream } = streamText({
      model: provider(fault),
      prompt: "How is the weather?",
      maxRetries: 0,
      abortSignal: controller.signal,
      onError() {},
    });
    for await (const part of fullStream) {
      timer.refresh();
      if (part.type === "error") failure ??= named(part.error);
      if (part.type === "abort") failure ??= "abort";
      if (part.type === "finish" && !NO_REASON.has(part.finishReason)) seen.stop = part.finishReason;
    }
  } catch (error) {
    failure ??= named(error);
  } finally {
    clearTimeout(timer);
  }
  return failure;
}

// What nobody waits for fails as well when a stream breaks.
process.on("unhandledRejection", () => {});
console.log(JSON.stringify({ version: VERSION }));
async function report(fault) {
  const began = Date.now();
  const seen = { stop: null };
  const error = await Promise.race([conclude(fault, seen), sleep(3 * limit, "hangs")]);
  console.log(JSON.stringify({ fault, error, stop: seen.stop, seconds: (Date.now() - began) / 1000 }));
}

const faults = [];
for await (const fault of createInterface({ input: process.stdin })) faults.push(fault);
// The first one loads what the others need; then a few at a time, so that none waits for the others.
await conclude(faults[0], {});
const worker = async () => {
  for (let fault; (fault = faults.shift()) !== undefined; ) await report(fault);
};
await Promise.all(Array.from({ length: 6 }, worker));
process.exit(0);
