// How a client's script says what it asked a client for, and what came: a line of JSON for each check, which
// `real_clients.py` reads. What the fake answers is in `clients/cases.py`.

import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

export const CASES = JSON.parse(process.env.FAKE_BEDROCK);
export const URL = process.env.FAKE_BEDROCK_URL;
export const TLS_URL = process.env.FAKE_BEDROCK_TLS_URL;
export const model = (name, family = "claude") => CASES.families[family].replace("{}", name);
// The calls of both tools, as the answers have them.
export const CALLED = CASES.cities.map((city, at) => [`tooluse_${at}`, "look", { city }]);
export const BOTH = [true, true];

let copies = 0;
// The next copy of a case with several replies.
export const once = (name) => `${name}-${copies++}`;

// Whether an answer that the fake made up repeats the results of both tools.
export const hasResults = (text) => CASES.results.map((result) => text.includes(result));
// Whether tokens were counted.
export const counts = (...usage) => usage.map((count) => Number.isInteger(count) && count > 0);

// The version of a package, which need not export its package.json.
export function version(name) {
  const path = `node_modules/${name}/package.json`;
  return JSON.parse(readFileSync(new globalThis.URL(`../${path}`, import.meta.url), "utf8")).version;
}

// One client, in one way of using it.
export class Row {
  constructor(name, version) {
    this.client = `${name} ${version}`;
  }

  tell(what, more) {
    console.log(JSON.stringify({ client: this.client, what, ...more }));
  }

  // Gives what compares; whatever is thrown inside is a failure, and the next check is made all the same.
  async asks(what, ask) {
    const expect = (found, expected) =>
      this.tell(what, { ok: isDeepStrictEqual(found, expected), found: found ?? null, expected });
    try {
      await ask(expect);
    } catch (error) {
      this.tell(what, { ok: false, found: `${error.name}: ${error.message}`.slice(0, 2000), expected: "no error" });
    }
  }

  // The client has no such thing.
  cannot(what, why) {
    this.tell(what, { cannot: why });
  }

  // The call throws what `is` says: a class, or a test.
  async throws(what, is, call) {
    const test = is.prototype instanceof Error || is === Error ? (error) => error instanceof is : is;
    const expected = is.name || String(is);
    try {
      const found = await call();
      this.tell(what, { ok: false, found: JSON.stringify(found ?? null).slice(0, 500), expected });
    } catch (error) {
      const found = `${error.constructor.name} ${error.name}: ${error.message}`.slice(0, 500);
      this.tell(what, { ok: Boolean(test(error)), found, expected });
    }
  }

  // The first answer is a throttle that says to wait a second; the client tries again by itself, not before that.
  waits(call, expected) {
    return this.asks("waits", async (expect) => {
      const began = performance.now();
      expect(await call(), expected);
      const took = performance.now() - began;
      expect(took >= 900 || `asked again after ${took} ms, before the second of Retry-After`, true);
    });
  }
}
