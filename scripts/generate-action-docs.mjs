/**
 * Writes the tables of inputs and outputs into each action's README from its action.yml, between the comments
 * `<!-- inputs -->` … `<!-- /inputs -->` and `<!-- outputs -->` … `<!-- /outputs -->`.
 *
 *   node scripts/generate-action-docs.mjs [--check] [FOLDER]
 *
 * FOLDER holds one folder per action, `actions` unless given. With --check nothing is written, and the exit code is 1
 * when a README is missing, lacks its comments, or is stale.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const repository = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');
const folder = resolve(repository, process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? 'actions');

const problems = [];
let written = 0;
for (const action of actionFolders(folder)) {
  const readme = join(action, 'README.md');
  const name = relative(process.cwd(), readme);
  if (!existsSync(readme)) {
    problems.push(`${name} is missing. Write one with the comments <!-- inputs --> and <!-- outputs -->.`);
    continue;
  }
  const before = readFileSync(readme, 'utf8');
  const definition = parse(readFileSync(join(action, 'action.yml'), 'utf8'));
  const after = withTables(before, definition, (problem) => problems.push(`${name} ${problem}`));
  if (after === before) {
    continue;
  }
  if (check) {
    problems.push(`${name} is stale. Run node scripts/generate-action-docs.mjs.`);
  } else {
    writeFileSync(readme, after);
    written += 1;
  }
}

for (const problem of problems) {
  console.error(problem);
}
console.log(check ? `${problems.length} problems` : `${written} written, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** The folders with an action.yml, by name. */
function actionFolders(parent) {
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(parent, entry.name, 'action.yml')))
    .map((entry) => join(parent, entry.name))
    .sort();
}

function withTables(readme, definition, report) {
  const inputs = Object.entries(definition.inputs ?? {}).map(([name, input]) => [
    `\`${name}\``,
    text(input.description),
    input.required === true ? '**required**' : value(input.default),
  ]);
  const outputs = Object.entries(definition.outputs ?? {}).map(([name, output]) => [
    `\`${name}\``,
    text(output.description),
  ]);
  const filled = between(readme, 'inputs', table(['Input', 'Description', 'Default'], inputs), report);
  return between(filled, 'outputs', table(['Output', 'Description'], outputs), report);
}

function between(readme, name, content, report) {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = readme.indexOf(start);
  const to = readme.indexOf(end);
  if (from === -1 || to < from || readme.indexOf(start, from + 1) !== -1) {
    report(`needs the comments ${start} and ${end}, once and in this order.`);
    return readme;
  }
  return `${readme.slice(0, from + start.length)}\n${content}\n${readme.slice(to)}`;
}

function table(head, rows) {
  return rows.length === 0
    ? 'None.'
    : [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** A description is Markdown of our own; it only has to stay in its cell. */
function text(description) {
  return String(description ?? '')
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/\|/g, '\\|');
}

function value(given) {
  return given === undefined || given === '' ? '' : `\`${text(given)}\``;
}
