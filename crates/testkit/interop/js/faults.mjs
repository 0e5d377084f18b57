// What the AWS SDK for JavaScript concludes from each fault.
//
// Usage: node faults.mjs URL SECONDS <FAULTS
// Reads the faults, one a line, which are model ids of the fake Bedrock at URL; prints one JSON object a line: first
// {"version": ..}, then {"fault", "error", "stop", "seconds"}: the error's name or null, the stop reason that it read or
// null. It waits SECONDS for more; what then still waits, after three times as long, has the error "hangs".

import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { VERSION, client, events } from "./client.mjs";

const [url, seconds] = process.argv.slice(2);
const limit = Number(seconds) * 1000;

async function conclude(bedrock, fault, seen) {
  try {
    for await (const event of events(bedrock, fault, "How is the weather?")) {
      seen.stop = event.messageStop?.stopReason ?? seen.stop;
    }
    return null;
  } catch (error) {
    // Most have no name of their own: then it is their first line, without the two checksums.
    return error.name === "Error" ? error.message.split("\n")[0].replace(/ \(\d+\)| of \d+/g, "") : error.name;
  }
}

console.log(JSON.stringify({ version: VERSION }));
const all = [];
for await (const fault of createInterface({ input: process.stdin })) {
  const began = Date.now();
  const seen = { stop: null };
  // One each: no connection that a fault broke serves another.
  const bedrock = client(url, limit);
  const concluded = Promise.race([conclude(bedrock, fault, seen), sleep(3 * limit, "hangs")]);
  all.push(
    concluded.then((error) => {
      const took = (Date.now() - began) / 1000;
      console.log(JSON.stringify({ fault, error, stop: seen.stop, seconds: took }));
    }),
  );
}
await Promise.all(all);
process.exit(0);
