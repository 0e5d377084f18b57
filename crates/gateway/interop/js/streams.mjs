// Vercel's AI SDK through the gateway, by its providers for OpenAI and for Anthropic: what its streams say.
//
// node streams.mjs CASES: a file of JSON that `frameworks.py` writes, with the gateway's URL and what the fake's script says. Prints a
// line for each case; exits 0 if all went well.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { jsonSchema, streamText, tool } from "ai";

const { url, text, calls, usage, claude, reasoning } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey: "any" });
const anthropic = createAnthropic({ baseURL: `${url}/v1`, apiKey: "any" });
const providers = {
  "@ai-sdk/openai, Chat Completions": (model) => openai.chat(model),
  "@ai-sdk/openai, Responses": (model) => openai.responses(model),
  "@ai-sdk/anthropic": (model) => anthropic(model),
};
const tools = Object.fromEntries(
  calls.map(({ name }) => [name, tool({ inputSchema: jsonSchema({ type: "object", properties: {} }) })]),
);

// The parts of an answer, or the error that it ended in.
async function read(model, more = {}) {
  let failure;
  const result = streamText({ model, prompt: "Hi", maxRetries: 0, onError: ({ error }) => (failure = error), ...more });
  await result.consumeStream({ onError: (error) => (failure ??= error) });
  if (failure) throw failure;
  const names = ["text", "finishReason", "usage", "toolCalls", "reasoningText"];
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await result[name]])));
}

const cases = {
  async text(model) {
    const answer = await read(model("text"));
    assert.deepEqual([answer.text, answer.finishReason], [text, "stop"]);
  },
  async tools(model) {
    const answer = await read(model("tools"), { tools });
    assert.deepEqual(answer.toolCalls.map((call) => [call.toolName, call.input]), calls.map((call) => [call.name, call.input]));
    assert.deepEqual([answer.text, answer.finishReason], ["Wait.", "tool-calls"]);
  },
  async usage(model) {
    const told = (await read(model("usage"))).usage;
    const cached = told.inputTokenDetails?.cacheReadTokens ?? told.cachedInputTokens;
    assert.deepEqual([told.inputTokens, told.outputTokens, cached], usage);
  },
  async reasoning(model, name) {
    const answer = await read(model(claude));
    // The AI SDK reads no reasoning from Chat Completions, and of Responses it shows the summary.
    if (!name.includes("Chat")) assert.equal(answer.reasoningText, reasoning);
    assert.equal(answer.text, "Thought.");
  },
  async "an error in the middle"(model) {
    for (const fault of ["exception", "no-stop", "cut", "bad-crc"]) {
      await assert.rejects(read(model(fault)), undefined, `${fault} did not raise`);
    }
  },
};

let failed = 0;
for (const [provider, model] of Object.entries(providers)) {
  for (const [name, check] of Object.entries(cases)) {
    try {
      await check(model, provider);
      console.log(`ok      ${provider}: ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${provider}: ${name}: ${String(error.stack ?? error).slice(0, 1500)}`);
    }
  }
}
process.exit(failed ? 1 : 0);
