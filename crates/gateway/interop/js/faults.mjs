// What OpenAI's and Anthropic's npm packages make of each fault, through the gateway.
//
// node faults.mjs URL < MODELS: prints a line of JSON for each model and dialect, with what each way to read took the answer for, or
// null where it raised.

import { readFileSync } from "node:fs";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const [url] = process.argv.slice(2);
const models = readFileSync(0, "utf8").split("\n").filter(Boolean);
const options = { apiKey: "any", maxRetries: 0, timeout: 30_000 };
const openai = new OpenAI({ ...options, baseURL: `${url}/v1` });
const anthropic = new Anthropic({ ...options, baseURL: url });
const content = "What is the weather in Paris?";
const messages = [{ role: "user", content }];

const answer = (text, calls, ended) => ({
  text,
  calls: calls.map(([name, json]) => [name, JSON.parse(json || "{}")]),
  ended,
});

function ofCompletion({ choices: [{ message, finish_reason }] }) {
  const calls = (message.tool_calls ?? []).map((call) => [call.function.name, call.function.arguments]);
  return answer(message.content ?? "", calls, finish_reason != null);
}

function ofResponse({ output, status }) {
  const items = (type) => output.filter((item) => item.type === type);
  const text = items("message").flatMap((item) => item.content.map((part) => part.text ?? "")).join("");
  const calls = items("function_call").map((item) => [item.name, item.arguments]);
  return answer(text, calls, ["completed", "incomplete"].includes(status));
}

function ofMessage({ content, stop_reason }) {
  const blocks = (type) => content.filter((block) => block.type === type);
  const calls = blocks("tool_use").map((block) => [block.name, JSON.stringify(block.input)]);
  return answer(blocks("text").map((block) => block.text).join(""), calls, stop_reason != null);
}

const readers = {
  chat: [
    async (model) => {
      let [text, ended] = ["", false];
      const calls = [];
      for await (const { choices } of await openai.chat.completions.create({ model, messages, stream: true })) {
        for (const { delta, finish_reason } of choices) {
          text += delta.content ?? "";
          for (const call of delta.tool_calls ?? []) {
            const known = (calls[call.index] ??= ["", ""]);
            known[0] += call.function.name ?? "";
            known[1] += call.function.arguments ?? "";
          }
          ended ||= finish_reason != null;
        }
      }
      return answer(text, calls, ended);
    },
    async (model) => ofCompletion(await openai.chat.completions.stream({ model, messages }).finalChatCompletion()),
    async (model) => ofCompletion(await openai.chat.completions.create({ model, messages })),
  ],
  responses: [
    async (model) => {
      let [text, ended] = ["", false];
      const calls = [];
      for await (const event of await openai.responses.create({ model, input: content, stream: true })) {
        if (event.type === "response.output_text.delta") text += event.delta;
        if (event.type === "response.function_call_arguments.done") calls.push([event.name, event.arguments]);
        ended ||= ["response.completed", "response.incomplete"].includes(event.type);
      }
      return answer(text, calls, ended);
    },
    async (model) => ofResponse(await openai.responses.stream({ model, input: content }).finalResponse()),
    async (model) => ofResponse(await openai.responses.create({ model, input: content })),
  ],
  messages: [
    async (model) => {
      let [text, ended] = ["", false];
      const calls = new Map();
      for await (const event of await anthropic.messages.create({ model, messages, max_tokens: 1000, stream: true })) {
        if (event.type === "content_block_start" && event.content_block.type === "tool_use") {
          calls.set(event.index, [event.content_block.name, ""]);
        }
        if (event.delta?.type === "text_delta") text += event.delta.text;
        if (event.delta?.type === "input_json_delta") calls.get(event.index)[1] += event.delta.partial_json;
        if (event.type === "message_delta") ended ||= event.delta.stop_reason != null;
      }
      return answer(text, [...calls.values()], ended);
    },
    async (model) => ofMessage(await anthropic.messages.stream({ model, messages, max_tokens: 1000 }).finalMessage()),
    async (model) => ofMessage(await anthropic.messages.create({ model, messages, max_tokens: 1000 })),
  ],
};

// The answer, or `null` if the package raised.
async function got(read, model) {
  try {
    return await read(model);
  } catch {
    return null;
  }
}

// Sixteen models at once: some take their time.
await Promise.all(
  Array.from({ length: 16 }, async () => {
    for (let model; (model = models.shift()); ) {
      for (const [dialect, reads] of Object.entries(readers)) {
        const answers = [];
        for (const read of reads) answers.push(await got(read, model));
        console.log(JSON.stringify({ model, dialect, answers }));
      }
    }
  }),
);
process.exit(0);
