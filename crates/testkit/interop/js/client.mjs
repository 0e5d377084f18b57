// The AWS SDK for JavaScript as a client of a fake Bedrock.

import { createRequire } from "node:module";
import { BedrockRuntimeClient, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { NodeHttp2Handler, NodeHttpHandler } from "@smithy/node-http-handler";

export const VERSION = createRequire(import.meta.url)("@aws-sdk/client-bedrock-runtime/package.json").version;

// Never tries again. `limit` is for how many milliseconds it waits for more; by default the SDK waits for ever. Left to
// itself, it speaks HTTP/2 and nothing else.
export function client(url, limit, version = "HTTP/1.1") {
  const timeouts = { requestTimeout: limit, socketTimeout: limit, throwOnRequestTimeout: true };
  return new BedrockRuntimeClient({
    region: "us-east-1",
    endpoint: url,
    credentials: { accessKeyId: "AKIDINTEROP", secretAccessKey: "secret" },
    maxAttempts: 1,
    requestHandler:
      version === "HTTP/2" ? new NodeHttp2Handler({ requestTimeout: limit }) : new NodeHttpHandler(timeouts),
  });
}

// The events, one after the other, as the SDK gives them.
export async function* events(client, modelId, text) {
  const messages = [{ role: "user", content: [{ text }] }];
  const response = await client.send(new ConverseStreamCommand({ modelId, messages }));
  yield* response.stream;
}
