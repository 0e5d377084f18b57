// Decodes a recorded answer in Node, in pieces as from a network, and prints its chunks.
//
//   node decode.mjs MODULE.wasm ANSWER.bin [PIECE]
//
// Exit status: 0 if the answer is complete, 1 if not.

import { closeSync, openSync, readFileSync, readSync } from "node:fs";

const [modulePath, answerPath, piece = "16384"] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(readFileSync(modulePath), {});
const { close, finish, input, memory, open, output, push } = instance.exports;

const stream = open();
let last = "";

// A new view of the memory is made for each use, because growing the memory detaches earlier views.
const print = (len) => {
  const text = new TextDecoder().decode(new Uint8Array(memory.buffer, output(stream), len));
  process.stdout.write(text);
  last = text.trimEnd().split("\n").at(-1) || last;
};

const file = openSync(answerPath);
const buffer = new Uint8Array(Number(piece));
for (let len; (len = readSync(file, buffer)) > 0; ) {
  const at = input(stream, len);
  new Uint8Array(memory.buffer, at, len).set(buffer.subarray(0, len));
  print(push(stream));
}
print(finish(stream));
closeSync(file);
close(stream);
process.exitCode = last && JSON.parse(last).type === "done" ? 0 : 1;
