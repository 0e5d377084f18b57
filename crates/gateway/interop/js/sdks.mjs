// OpenAI's and Anthropic's own npm packages through the gateway, before the fake: what a user does with them works.
//
// node sdks.mjs CASES: a file of JSON that `sdks.py` writes, with the gateway's URL, the file where the fake records its requests,
// and what the fake's script says. Prints a line for each case; exits 0 if all went well.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const { url, record, text, calls, png, schema, claude } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const options = { apiKey: "any", maxRetries: 0, timeout: 30_000 };
const openai = new OpenAI({ ...options, baseURL: `${url}/v1` });
const anthropic = new Anthropic({ ...options, baseURL: url });

const parameters = { type: "object", properties: {} };
const functions = calls.map(({ name }) => ({ name, parameters }));
const tools = {
  chat: functions.map((each) => ({ type: "function", function: each })),
  responses: functions.map((each) => ({ type: "function", strict: false, ...each })),
  messages: functions.map(({ name }) => ({ name, input_schema: parameters })),
};
const user = (content) => ({ role: "user", content });
const HI = [user("Hi")];

// The body of the latest request that the fake got.
function sent() {
  const { body } = JSON.parse(readFileSync(record, "utf8").trimEnd().split("\n").at(-1));
  return typeof body === "string" ? JSON.parse(body) : body;
}

const blocks = (role, member) =>
  sent().messages.filter((message) => message.role === role).flatMap(({ content }) => content).map((block) => block[member])
    .filter(Boolean);
const signatures = () => blocks("assistant", "reasoningContent").map(({ reasoningText }) => reasoningText.signature);

// Each way to ask: the answer's text, calls as [id, name, JSON], why it ended, what is sent back as the next turn, and the usage.
function ofChat({ choices: [{ message, finish_reason }], usage }) {
  const called = (message.tool_calls ?? []).map(({ id, function: { name, arguments: json } }) => [id, name, json]);
  return { text: message.content ?? "", called, reason: finish_reason, turn: [message], usage };
}

function ofResponse({ output, output_text, status, incomplete_details, usage }) {
  const called = output.filter(({ type }) => type === "function_call").map((item) => [item.call_id, item.name, item.arguments]);
  const turn = output.map(({ parsed_arguments, ...item }) => item);
  return { text: output_text, called, reason: incomplete_details?.reason ?? status, turn, usage, output };
}

function ofMessage({ content, stop_reason, usage }) {
  const called = content.filter(({ type }) => type === "tool_use").map(({ id, name, input }) => [id, name, JSON.stringify(input)]);
  const said = content.filter(({ type }) => type === "text").map(({ text }) => text).join("");
  return { text: said, called, reason: stop_reason, turn: [{ role: "assistant", content }], usage, content };
}

const usage = { stream_options: { include_usage: true } };
const ways = {
  chat: [
    async (asked) => ofChat(await openai.chat.completions.stream({ ...asked, ...usage }).finalChatCompletion()),
    async (asked) => ofChat(await openai.chat.completions.create(asked)),
  ],
  responses: [
    async ({ messages: input, ...asked }) => ofResponse(await openai.responses.stream({ input, ...asked }).finalResponse()),
    async ({ messages: input, ...asked }) => ofResponse(await openai.responses.create({ input, ...asked })),
  ],
  messages: [
    async (asked) => ofMessage(await anthropic.messages.stream({ max_tokens: 4000, ...asked }).finalMessage()),
    async (asked) => ofMessage(await anthropic.messages.create({ max_tokens: 4000, ...asked })),
  ],
};
const results = {
  chat: (ids) => ids.map((tool_call_id) => ({ role: "tool", tool_call_id, content: "fine" })),
  responses: (ids) => ids.map((call_id) => ({ type: "function_call_output", call_id, output: "fine" })),
  messages: (ids) => [user(ids.map((tool_use_id) => ({ type: "tool_result", tool_use_id, content: "fine" })))],
};

async function each(check) {
  for (const [dialect, asks] of Object.entries(ways)) for (const ask of asks) await check(dialect, ask);
}

const raises = async (asked, kind) => {
  try {
    await asked();
  } catch (error) {
    assert(error instanceof kind, error);
    return error;
  }
  assert.fail("it did not raise");
};

const cases = {
  "text is exact": () =>
    each(async (dialect, ask) => assert.equal((await ask({ model: "text", messages: HI })).text, text)),

  "two tools in parallel, and their results": () =>
    each(async (dialect, ask) => {
      const asked = { model: "tools", messages: [user("What is the weather?")], tools: tools[dialect] };
      const { text, called, turn } = await ask(asked);
      assert.equal(text, "Wait.");
      assert.deepEqual(called.map(([, name, json]) => [name, JSON.parse(json)]), calls.map(({ name, input }) => [name, input]));
      const ids = called.map(([id]) => id);
      await ask({ ...asked, model: "m", messages: [...asked.messages, ...turn, ...results[dialect](ids)] });
      assert.deepEqual(blocks("assistant", "toolUse").map(({ toolUseId }) => toolUseId), ids);
      // The results of one turn stand in one message.
      const last = sent().messages.at(-1).content.map(({ toolResult }) => toolResult?.toolUseId);
      assert.deepEqual(last, ids);
    }),

  "thinking with its signature over three turns, in Messages": async () => {
    for (const ask of ways.messages) {
      const messages = [user("What is the weather?")];
      const thinking = { type: "enabled", budget_tokens: 1024 };
      let answer;
      for (let turn = 0; turn < 3; turn++) {
        answer = await ask({ model: claude, messages, tools: tools.messages, thinking });
        assert.equal(answer.content[0].type, "thinking");
        assert(answer.content[0].signature);
        messages.push(...answer.turn);
        if (answer.called.length) messages.push(...results.messages(answer.called.map(([id]) => id)));
      }
      assert.equal(answer.reason, "end_turn");
      assert.deepEqual(signatures(), ["c2lnMQ==", "c2lnMg=="]);
      assert.equal(sent().additionalModelRequestFields.thinking.budget_tokens, 1024);
    }
  },

  "reasoning with its signature over three turns, in Responses": async () => {
    for (const ask of ways.responses) {
      const messages = [user("What is the weather?")];
      const more = { include: ["reasoning.encrypted_content"], store: false, tools: tools.responses };
      for (let turn = 0; turn < 3; turn++) {
        const answer = await ask({ model: claude, messages, ...more });
        messages.push(...answer.turn, ...results.responses(answer.called.map(([id]) => id)));
      }
      assert.deepEqual(signatures(), ["c2lnMQ==", "c2lnMg=="]);
    }
  },

  "structured output": async () => {
    const format = { type: "json_schema", name: "place", schema, strict: true };
    const more = {
      chat: { response_format: { type: "json_schema", json_schema: { name: "place", schema, strict: true } } },
      responses: { text: { format } },
      messages: { output_config: { format: { type: "json_schema", schema } } },
    };
    await each(async (dialect, ask) => {
      const { text } = await ask({ model: "m", messages: [user("Where?")], ...more[dialect] });
      assert.deepEqual(Object.keys(JSON.parse(text)), ["city"]);
    });
  },

  "images": async () => {
    const data = `data:image/png;base64,${png}`;
    const parts = {
      chat: [{ type: "text", text: "See" }, { type: "image_url", image_url: { url: data } }],
      responses: [{ type: "input_text", text: "See" }, { type: "input_image", image_url: data, detail: "auto" }],
      messages: [
        { type: "text", text: "See" },
        { type: "image", source: { type: "base64", media_type: "image/png", data: png } },
      ],
    };
    await each(async (dialect, ask) => {
      await ask({ model: "m", messages: [user(parts[dialect])] });
      assert.deepEqual(blocks("user", "image"), [{ format: "png", source: { bytes: png } }]);
    });
  },

  "usage with cached tokens": () =>
    each(async (dialect, ask) => {
      const { usage } = await ask({ model: "usage", messages: HI });
      const [told, expected] = {
        chat: () => [[usage.prompt_tokens, usage.completion_tokens, usage.prompt_tokens_details.cached_tokens], [1060, 5, 1000]],
        responses: () => [[usage.input_tokens, usage.output_tokens, usage.input_tokens_details.cached_tokens], [1060, 5, 1000]],
        messages: () => [
          [usage.input_tokens, usage.output_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens],
          [10, 5, 1000, 50],
        ],
      }[dialect]();
      assert.deepEqual(told, expected);
    }),

  "max_tokens and guardrails": () =>
    each(async (dialect, ask) => {
      for (const [model, reasons] of [
        ["limit", { chat: "length", responses: "max_output_tokens", messages: "max_tokens" }],
        ["guardrail", { chat: "content_filter", responses: "content_filter", messages: "refusal" }],
      ]) {
        assert.equal((await ask({ model, messages: HI })).reason, reasons[dialect]);
      }
    }),

  "errors have their classes": async () => {
    await each(async (dialect, ask) => {
      const kind = dialect === "messages" ? Anthropic.RateLimitError : OpenAI.RateLimitError;
      const error = await raises(() => ask({ model: "throttled", messages: HI }), kind);
      // The helpers over streams make an error of their own, without its response.
      if (error.headers) assert.equal(error.headers.get("retry-after"), "2");
    });
    const refused = await raises(() => openai.chat.completions.create({ model: "m", messages: HI, n: 2 }), OpenAI.BadRequestError);
    assert.equal(refused.param, "n");
  },

  "other endpoints": async () => {
    for (const client of [openai, anthropic]) {
      const models = [];
      for await (const { id } of client.models.list()) models.push(id);
      assert.deepEqual(models, ["short"]);
    }
    const counted = await anthropic.messages.countTokens({ model: "m", messages: HI });
    assert(counted.input_tokens > 0);
  },
};

let failed = 0;
for (const [name, check] of Object.entries(cases)) {
  try {
    await check();
    console.log(`ok      npm: ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  npm: ${name}: ${String(error.stack ?? error).slice(0, 1500)}`);
  }
}
process.exit(failed ? 1 : 0);
