// The AI SDK's provider for Bedrock: Converse, and the payloads of Anthropic's models; both sign. And its provider for mantle,
// on Chat Completions and on Responses.

import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import { createAmazonBedrockAnthropic } from "@ai-sdk/amazon-bedrock/anthropic";
import { createBedrockMantle } from "@ai-sdk/amazon-bedrock/mantle";
import { APICallError, Output, generateText, isStepCount, streamText, tool } from "ai";
import { z } from "zod";
import { BOTH, CALLED, CASES, Row, URL, counts, hasResults, model as idOf, once, version } from "./row.mjs";

const ASKED = [{ role: "user", content: CASES.question }];
const WEATHER = z.object({ city: z.string(), days: z.number().int() });

// What both functions ask, as one object.
const whole = async (asked) => {
  const result = await generateText({ maxRetries: 0, messages: ASKED, ...asked });
  return read(result, asked.output && result.output, result.response.messages);
};
const streamed = async (asked) => {
  let failure;
  const result = streamText({ maxRetries: 0, messages: ASKED, onError: ({ error }) => (failure = error), ...asked });
  await result.consumeStream({ onError: (error) => (failure ??= error) });
  if (failure) throw failure;
  const names = ["text", "finishReason", "totalUsage", "toolCalls", "reasoning", "reasoningText"];
  const parts = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await result[name]])));
  return read(parts, asked.output && (await result.output), (await result.response).messages);
};

function read(result, output, messages) {
  return {
    text: result.text,
    finish: result.finishReason,
    usage: result.totalUsage,
    calls: result.toolCalls.map((call) => [call.toolCallId, call.toolName, call.input]),
    reasoning: result.reasoningText,
    signature: result.reasoning.map((part) => Object.values(part.providerMetadata ?? {})[0]?.signature)[0],
    output,
    messages,
  };
}

async function ask(name, connect, { family = "claude", thinking, thinks = true, hasSignature = true }) {
  const row = new Row(`@ai-sdk/amazon-bedrock ${name}`, version("@ai-sdk/amazon-bedrock"));
  const model = (name, ...more) => connect(...more)(idOf(name, family));
  for (const ask of [whole, streamed]) {
    await row.asks("text", async (expect) => {
      const { text, finish, usage } = await ask({ model: model("text") });
      expect([text, finish], [CASES.text, "stop"]);
      await row.asks("usage", async (expect) => expect(counts(usage.inputTokens, usage.outputTokens), BOTH));
    });
    await row.asks("tools", async (expect) => {
      const look = tool({ inputSchema: z.object({ city: z.string() }) });
      const { text, finish, calls } = await ask({ model: model("tools"), tools: { look } });
      expect([text, calls, finish], [CASES.text, CALLED, "tool-calls"]);
    });
    await row.asks("tool result", async (expect) => {
      const execute = async ({ city }) => CASES.results[CASES.cities.indexOf(city)];
      const look = tool({ inputSchema: z.object({ city: z.string() }), execute });
      const { text } = await ask({ model: model(once("loop")), tools: { look }, stopWhen: isStepCount(2) });
      expect(hasResults(text), BOTH);
    });
    if (!thinks) row.cannot("reasoning", "it reads none from Chat Completions");
    else await row.asks("reasoning", async (expect) => {
      const { text, reasoning, signature, messages } = await ask({ model: model("reasoning"), providerOptions: thinking });
      expect([reasoning, signature ?? null, text], [CASES.reasoning, hasSignature ? CASES.signature : null, CASES.text]);
      const turns = [...ASKED, ...messages, ...ASKED];
      expect((await ask({ model: model("text"), messages: turns, providerOptions: thinking })).text, CASES.text);
    });
    await row.asks("structured", async (expect) => {
      const { output } = await ask({ model: model("echo"), output: Output.object({ schema: WEATHER }) });
      expect(WEATHER.safeParse(output).success, true);
    });
    const status = (code) => (error) => APICallError.isInstance(error) && error.statusCode === code;
    await row.throws("throttled", status(429), () => ask({ model: model("busy") }));
    await row.throws("refused", status(403), () => ask({ model: model("text", "wrong") }));
    const isTheirs = (error) => ["AI_APICallError", "AI_StreamProviderError"].includes(error.name);
    await row.throws("fails", isTheirs, () => ask({ model: model("fails") }));
  }
  await row.waits(async () => (await streamed({ model: model(once("busy-once")), maxRetries: 2 })).text, CASES.text);
}

const connector = (create, baseURL) => (secretAccessKey = CASES.secretKey) =>
  create({ region: CASES.region, accessKeyId: CASES.accessKey, secretAccessKey, baseURL });
const mantle = connector(createBedrockMantle, `${URL}/v1`);

const reasoningConfig = { type: "enabled", budgetTokens: 1024 };
await ask("Converse", connector(createAmazonBedrock, URL), { thinking: { bedrock: { reasoningConfig } } });
await ask("/anthropic", connector(createAmazonBedrockAnthropic, URL), {
  thinking: { anthropic: { thinking: { type: "enabled", budgetTokens: 1024 } } },
});
await ask("/mantle chat", mantle, { family: "openai", thinks: false });
await ask("/mantle responses", (...more) => (id) => mantle(...more).responses(id), { family: "openai", hasSignature: false });
