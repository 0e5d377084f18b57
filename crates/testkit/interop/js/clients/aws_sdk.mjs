// The AWS SDK for JavaScript, signed: over HTTP/1.1, over HTTP/2 in the clear, which it speaks if it is left to itself, and over
// HTTP/2 by TLS.

import * as sdk from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { BOTH, CALLED, CASES, Row, TLS_URL, URL, counts, hasResults, model, once, version } from "./row.mjs";

const ASKED = [{ role: "user", content: [{ text: CASES.question }] }];
const TOOLS = { tools: [{ toolSpec: { name: "look", inputSchema: { json: CASES.toolSchema } } }] };

const textOf = (content) => content.map((block) => block.text ?? "").join("");
const callsOf = (content) =>
  content.filter((block) => block.toolUse).map(({ toolUse: use }) => [use.toolUseId, use.name, use.input]);
const reasoningOf = (content) =>
  content.filter((block) => block.reasoningContent).map((block) => block.reasoningContent.reasoningText);

async function whole(client, name, messages = ASKED, more = {}) {
  const { output, stopReason, usage } = await client.send(
    new sdk.ConverseCommand({ modelId: model(name), messages, ...more }),
  );
  return { content: output.message.content, stopReason, usage };
}

// The same, put together from the events.
async function streamed(client, name, messages = ASKED, more = {}) {
  const blocks = [];
  const answer = {};
  const { stream } = await client.send(
    new sdk.ConverseStreamCommand({ modelId: model(name), messages, ...more }),
  );
  for await (const { contentBlockStart: start, contentBlockDelta: delta, messageStop, metadata } of stream) {
    if (start) blocks[start.contentBlockIndex] = { toolUse: { ...start.start.toolUse, input: "" } };
    if (delta?.delta.text !== undefined) {
      (blocks[delta.contentBlockIndex] ??= { text: "" }).text += delta.delta.text;
    } else if (delta?.delta.toolUse) {
      blocks[delta.contentBlockIndex].toolUse.input += delta.delta.toolUse.input;
    } else if (delta) {
      const text = (blocks[delta.contentBlockIndex] ??= { reasoningContent: { reasoningText: { text: "" } } });
      for (const [member, value] of Object.entries(delta.delta.reasoningContent)) {
        const { reasoningText } = text.reasoningContent;
        reasoningText[member] = (reasoningText[member] ?? "") + value;
      }
    }
    if (messageStop) answer.stopReason = messageStop.stopReason;
    if (metadata) answer.usage = metadata.usage;
  }
  for (const { toolUse } of blocks.filter((block) => block.toolUse)) toolUse.input = JSON.parse(toolUse.input);
  return { content: blocks, ...answer };
}

async function ask(name, connect, handler) {
  const row = new Row(`AWS SDK for JavaScript, ${name}`, version("@aws-sdk/client-bedrock-runtime"));
  const client = connect();
  await row.asks("text", async (expect) => expect(client.config.requestHandler.constructor.name, handler));
  for (const ask of [whole, streamed]) {
    let answer;
    await row.asks("text", async (expect) => {
      answer = await ask(client, "text");
      expect([textOf(answer.content), answer.stopReason], [CASES.text, "end_turn"]);
    });
    await row.asks("usage", async (expect) => {
      const { inputTokens, outputTokens, totalTokens } = answer.usage;
      expect([...counts(inputTokens, outputTokens), totalTokens], [...BOTH, inputTokens + outputTokens]);
    });
    await row.asks("tools", async (expect) => {
      answer = await ask(client, "tools", ASKED, { toolConfig: TOOLS });
      expect([textOf(answer.content), callsOf(answer.content), answer.stopReason], [CASES.text, CALLED, "tool_use"]);
    });
    await row.asks("tool result", async (expect) => {
      const content = CALLED.map(([toolUseId], at) => ({
        toolResult: { toolUseId, content: [{ text: CASES.results[at] }], status: "success" },
      }));
      const turns = [...ASKED, { role: "assistant", content: answer.content }, { role: "user", content }];
      expect(hasResults(textOf((await ask(client, "echo", turns, { toolConfig: TOOLS })).content)), BOTH);
    });
    await row.asks("reasoning", async (expect) => {
      answer = await ask(client, "reasoning");
      expect(reasoningOf(answer.content), [{ text: CASES.reasoning, signature: CASES.signature }]);
      const turns = [...ASKED, { role: "assistant", content: answer.content }, ...ASKED];
      expect(textOf((await ask(client, "text", turns)).content), CASES.text);
    });
    await row.asks("structured", async (expect) => {
      const jsonSchema = { schema: JSON.stringify(CASES.schema), name: "weather" };
      const outputConfig = { textFormat: { type: "json_schema", structure: { jsonSchema } } };
      const { city, days } = JSON.parse(textOf((await ask(client, "echo", ASKED, { outputConfig })).content));
      expect([typeof city, typeof days], ["string", "number"]);
    });
    await row.throws("throttled", sdk.ThrottlingException, () => ask(client, "busy"));
    await row.throws("fails", sdk.ThrottlingException, () => ask(client, "fails"));
    await row.throws(
      "refused",
      (error) => error.name === "InvalidSignatureException",
      () => ask(connect({ secretAccessKey: "wrong" }), "text"),
    );
    await row.throws("refused", sdk.ValidationException, () => ask(client, "text", [{ role: "user", content: [] }]));
  }
  await row.waits(async () => textOf((await streamed(connect({}, 3), once("busy-once"))).content), CASES.text);
}

function connector(endpoint, handler) {
  return (wrong = {}, maxAttempts = 1) =>
    new sdk.BedrockRuntimeClient({
      region: CASES.region,
      endpoint,
      maxAttempts,
      credentials: { accessKeyId: CASES.accessKey, secretAccessKey: CASES.secretKey, ...wrong },
      ...(handler && { requestHandler: new handler() }),
    });
}

await ask("HTTP/1.1", connector(URL, NodeHttpHandler), "NodeHttpHandler");
await ask("HTTP/2", connector(URL), "NodeHttp2Handler");
await ask("HTTP/2 by TLS", connector(TLS_URL), "NodeHttp2Handler");
// Connections over HTTP/2 are kept open.
process.exit(0);
