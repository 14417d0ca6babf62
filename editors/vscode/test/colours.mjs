// Tokenizes texts with the TextMate grammar: {name: text} on stdin, {name: [[scopes of each UTF-16 unit]…]} on stdout.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { INITIAL, parseRawGrammar, Registry } = require("vscode-textmate");
const { createOnigScanner, createOnigString, loadWASM } = require("vscode-oniguruma");

await loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")).buffer);
const path = new URL("../syntaxes/plan.tmLanguage.json", import.meta.url);
const registry = new Registry({
  onigLib: Promise.resolve({ createOnigScanner, createOnigString }),
  loadGrammar: async () => parseRawGrammar(readFileSync(path, "utf8"), "plan.tmLanguage.json"),
});
const grammar = await registry.loadGrammar("source.plan");

function scopes(text) {
  const made = [];
  let state = INITIAL;
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    for (const token of tokens) {
      for (let at = token.startIndex; at < Math.min(token.endIndex, line.length); at++) made.push(token.scopes);
    }
    made.push([]);
  }
  return made;
}

const texts = JSON.parse(readFileSync(0, "utf8"));
const answer = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, scopes(text)]));
process.stdout.write(JSON.stringify(answer));
