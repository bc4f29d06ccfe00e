/**
 * `node scripts/commands.ts`: writes docs/commands.md, the help of every command, again. A test checks it.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { allCommands, createProgram, pathOf } from '../src/cli/program.ts';

export const commandsFile: string = join(import.meta.dirname, '..', 'docs', 'commands.md');

const WIDTH = 100;

const INTRODUCTION = `# Commands

<!-- Written by scripts/commands.ts from the help of the commands; do not edit. -->

Results are on standard output, messages on standard error. Temporal is found as Temporal's own tools find it:
\`TEMPORAL_ADDRESS\`, \`TEMPORAL_NAMESPACE\`, \`TEMPORAL_TLS\`, \`TEMPORAL_API_KEY\`, and profiles in \`temporal.toml\`.
Kubernetes is found by the kubeconfig. \`NO_COLOR\` switches colors off.`;

/** The expected text of docs/commands.md. */
export function renderCommands(): string {
  const program = createProgram('0.0.0', () => undefined);
  const visible = allCommands(program).filter((command) => !isHidden(command) && command.name() !== 'help');
  return `${[INTRODUCTION, ...visible.map(section)].join('\n\n')}\n`;
}

/** Commander keeps it to itself, except in the help of the parent. */
function isHidden(command: Command): boolean {
  const { parent } = command;
  return parent !== null && (isHidden(parent) || !parent.createHelp().visibleCommands(parent).includes(command));
}

function section(command: Command): string {
  let help = '';
  command
    .configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => WIDTH, getOutHasColors: () => false })
    .outputHelp();
  const heading = command.parent === null ? '## temporal-spark' : `## ${pathOf(command)}`;
  return `${heading}\n\n\`\`\`text\n${help.trim()}\n\`\`\``;
}

if (import.meta.filename === process.argv[1]) await writeFile(commandsFile, renderCommands());
