// OpenAI's npm package on Chat Completions and on Responses, on the paths of bedrock-runtime and of bedrock-mantle; and its own
// client for Bedrock, which has Responses alone.

import OpenAI from "openai";
import { BedrockOpenAI } from "openai/bedrock";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import { BOTH, CALLED, CASES, Row, URL, counts, hasResults, model as idOf, once, version } from "./row.mjs";

const ASKED = [{ role: "user", content: CASES.question }];
const FUNCTION = { name: "look", parameters: CASES.toolSchema };
const WEATHER = z.object({ city: z.string(), days: z.number().int() });
const model = (name) => idOf(name, "openai");

const chat = {
  name: "Chat Completions",
  finish: { text: "stop", tools: "tool_calls" },
  tools: [{ type: "function", function: FUNCTION }],
  async whole(client, name, messages = ASKED, more = {}) {
    const { choices, usage } = await client.chat.completions.create({ model: model(name), messages, ...more });
    return this.read(choices[0], usage, choices[0].message.reasoning);
  },
  async streamed(client, name, messages = ASKED, more = {}) {
    let reasoning = "";
    const asked = { model: model(name), messages, stream_options: { include_usage: true }, ...more };
    const stream = client.chat.completions.stream(asked);
    for await (const chunk of stream) reasoning += chunk.choices[0]?.delta.reasoning ?? "";
    const { choices, usage } = await stream.finalChatCompletion();
    return this.read(choices[0], usage, reasoning);
  },
  read({ message, finish_reason }, usage, reasoning) {
    const calls = message.tool_calls?.map(({ id, function: { name, arguments: input } }) => [id, name, JSON.parse(input)]);
    const tool_calls = message.tool_calls?.map(({ id, type, function: { name, arguments: input } }) => ({
      id, type, function: { name, arguments: input },
    }));
    return {
      text: message.content,
      calls,
      reasoning,
      finish: finish_reason,
      usage: counts(usage.prompt_tokens, usage.completion_tokens),
      turn: [{ role: "assistant", content: message.content, ...(tool_calls && { tool_calls }) }],
    };
  },
  results: () => CALLED.map(([id], at) => ({ role: "tool", tool_call_id: id, content: CASES.results[at] })),
  async parsed(client) {
    const response_format = zodResponseFormat(WEATHER, "weather");
    const { choices } = await client.chat.completions.parse({ model: model("echo"), messages: ASKED, response_format });
    return choices[0].message.parsed;
  },
  bad: (client) => client.chat.completions.create({ model: model("text"), messages: [] }),
};

const responses = {
  name: "Responses",
  finish: { text: "completed", tools: "completed" },
  tools: [{ type: "function", strict: false, ...FUNCTION }],
  whole: async (client, name, input = ASKED, more = {}) =>
    responses.read(await client.responses.create({ model: model(name), input, ...more })),
  streamed: async (client, name, input = ASKED, more = {}) =>
    responses.read(await client.responses.stream({ model: model(name), input, ...more }).finalResponse()),
  read({ output, output_text, status, usage }) {
    const calls = output.filter((item) => item.type === "function_call");
    const thought = output.filter((item) => item.type === "reasoning").flatMap(({ content, summary }) => content ?? summary);
    return {
      text: output_text,
      calls: calls.map((call) => [call.call_id, call.name, JSON.parse(call.arguments)]),
      reasoning: thought.map((part) => part.text).join(""),
      finish: status,
      usage: counts(usage.input_tokens, usage.output_tokens),
      turn: output.map(({ parsed_arguments, ...item }) => item),
    };
  },
  results: () =>
    CALLED.map(([id], at) => ({ type: "function_call_output", call_id: id, output: CASES.results[at] })),
  async parsed(client) {
    const text = { format: zodTextFormat(WEATHER, "weather") };
    return (await client.responses.parse({ model: model("echo"), input: ASKED, text })).output_parsed;
  },
  bad: (client) => client.responses.create({ model: model("text") }),
};

async function ask(api, path, connect) {
  const row = new Row(`openai (npm) ${api.name}, ${path}`, version("openai"));
  const client = connect();
  for (const ask of [api.whole.bind(api), api.streamed.bind(api)]) {
    let answer;
    await row.asks("text", async (expect) => {
      answer = await ask(client, "text");
      expect([answer.text, answer.finish], [CASES.text, api.finish.text]);
    });
    await row.asks("usage", async (expect) => expect(answer.usage, BOTH));
    await row.asks("tools", async (expect) => {
      answer = await ask(client, "tools", ASKED, { tools: api.tools });
      expect([answer.text, answer.calls, answer.finish], [CASES.text, CALLED, api.finish.tools]);
    });
    await row.asks("tool result", async (expect) => {
      const turns = [...ASKED, ...answer.turn, ...api.results()];
      expect(hasResults((await ask(client, "echo", turns, { tools: api.tools })).text), BOTH);
    });
    await row.asks("reasoning", async (expect) => {
      answer = await ask(client, "reasoning");
      expect([answer.reasoning, answer.text], [CASES.reasoning, CASES.text]);
      expect((await ask(client, "text", [...ASKED, ...answer.turn, ...ASKED])).text, CASES.text);
    });
    await row.throws("throttled", OpenAI.RateLimitError, () => ask(client, "busy"));
    await row.throws("refused", OpenAI.PermissionDeniedError, () => ask(connect("wrong"), "text"));
    await row.throws("fails", OpenAI.APIError, () => ask(client, "fails"));
  }
  await row.throws("refused", OpenAI.BadRequestError, () => api.bad(client));
  await row.asks("structured", async (expect) => expect(WEATHER.safeParse(await api.parsed(client)).success, true));
  await row.waits(async () => (await api.streamed(connect(undefined, 2), once("busy-once"))).text, CASES.text);
}

const connector = (kind, path) => (apiKey = CASES.apiKey, maxRetries = 0) =>
  new kind({ baseURL: URL + path, apiKey, maxRetries });

for (const api of [chat, responses]) {
  await ask(api, "runtime path", connector(OpenAI, "/openai/v1"));
  await ask(api, "mantle path", connector(OpenAI, "/v1"));
}
await ask(responses, "BedrockOpenAI", connector(BedrockOpenAI, "/openai/v1"));
