// Anthropic's npm packages: Messages with an API key, AnthropicBedrock on InvokeModel, and the client for mantle; the last two
// sign.

import Anthropic from "@anthropic-ai/sdk";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { AnthropicBedrock, AnthropicBedrockMantle } from "@anthropic-ai/bedrock-sdk";
import { z } from "zod";
import { BOTH, CALLED, CASES, Row, URL, counts, hasResults, model, once, version } from "./row.mjs";

const ASKED = [{ role: "user", content: CASES.question }];
const TOOLS = [{ name: "look", input_schema: CASES.toolSchema }];
const THINKING = { type: "enabled", budget_tokens: 1024 };
const WEATHER = z.object({ city: z.string(), days: z.number().int() });

const whole = (client, name, messages = ASKED, more = {}) =>
  client.messages.create({ model: model(name), max_tokens: 2048, messages, ...more });
const streamed = (client, name, messages = ASKED, more = {}) =>
  client.messages.stream({ model: model(name), max_tokens: 2048, messages, ...more }).finalMessage();
const textOf = (message) => message.content.map((block) => block.text ?? "").join("");
const failed = (name) => (error) => error.constructor.name === name;

async function ask(name, packageName, connect) {
  const row = new Row(`${packageName} ${name}`, version(packageName));
  const client = connect();
  for (const ask of [whole, streamed]) {
    let message;
    await row.asks("text", async (expect) => {
      message = await ask(client, "text");
      expect([textOf(message), message.stop_reason, message.role], [CASES.text, "end_turn", "assistant"]);
    });
    await row.asks("usage", async (expect) => {
      expect(counts(message.usage.input_tokens, message.usage.output_tokens), BOTH);
    });
    await row.asks("tools", async (expect) => {
      message = await ask(client, "tools", ASKED, { tools: TOOLS });
      const uses = message.content.filter((block) => block.type === "tool_use");
      const calls = uses.map((block) => [block.id, block.name, block.input]);
      expect([textOf(message), calls, message.stop_reason], [CASES.text, CALLED, "tool_use"]);
    });
    await row.asks("tool result", async (expect) => {
      const content = CALLED.map(([id], at) => ({ type: "tool_result", tool_use_id: id, content: CASES.results[at] }));
      const turns = [...ASKED, { role: "assistant", content: message.content }, { role: "user", content }];
      expect(hasResults(textOf(await ask(client, "echo", turns, { tools: TOOLS }))), BOTH);
    });
    await row.asks("reasoning", async (expect) => {
      message = await ask(client, "reasoning", ASKED, { thinking: THINKING });
      const [{ type, thinking, signature }] = message.content;
      expect([type, thinking, signature], ["thinking", CASES.reasoning, CASES.signature]);
      const turns = [...ASKED, { role: "assistant", content: message.content }, ...ASKED];
      expect(textOf(await ask(client, "text", turns)), CASES.text);
    });
    await row.throws("throttled", failed("RateLimitError"), () => ask(client, "busy"));
    await row.throws("refused", failed("PermissionDeniedError"), () => ask(connect("wrong"), "text"));
    await row.throws("refused", failed("BadRequestError"), () => ask(client, "text", []));
    await row.throws("fails", Anthropic.APIError, () => ask(client, "fails"));
  }
  await row.asks("structured", async (expect) => {
    const output_config = { format: zodOutputFormat(WEATHER) };
    const parsed = await client.messages.parse({ model: model("echo"), max_tokens: 2048, messages: ASKED, output_config });
    expect(WEATHER.safeParse(parsed.parsed_output).success, true);
  });
  await row.waits(async () => textOf(await streamed(connect(undefined, 2), once("busy-once"))), CASES.text);
}

const key = (apiKey = CASES.apiKey, maxRetries = 0) =>
  new Anthropic({ baseURL: `${URL}/anthropic`, apiKey, maxRetries });
const bedrock = (awsSecretKey = CASES.secretKey, maxRetries = 0) =>
  new AnthropicBedrock({ awsAccessKey: CASES.accessKey, awsSecretKey, awsRegion: CASES.region, baseURL: URL, maxRetries });
const mantle = (awsSecretAccessKey = CASES.secretKey, maxRetries = 0) =>
  new AnthropicBedrockMantle({
    awsAccessKey: CASES.accessKey,
    awsSecretAccessKey,
    awsRegion: CASES.region,
    baseURL: `${URL}/anthropic`,
    maxRetries,
  });

await ask("Messages", "@anthropic-ai/sdk", key);
await ask("AnthropicBedrock", "@anthropic-ai/bedrock-sdk", bedrock);
await ask("AnthropicBedrockMantle", "@anthropic-ai/bedrock-sdk", mantle);
