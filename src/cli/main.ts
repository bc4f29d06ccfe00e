#!/usr/bin/env node
import { createRequire } from 'node:module';
import { CommanderError } from 'commander';
import { ExitCode } from './exit-code.ts';
import { explainError } from './output/explain-error.ts';
import { allCommands, createProgram } from './program.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
const program = createProgram(version, (code) => (process.exitCode = code));
const commands = allCommands(program);
for (const command of commands) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed the error; help and version are not errors.
    process.exitCode = error.exitCode === 0 ? ExitCode.Ok : ExitCode.BadInput;
  } else {
    const { exitCode, message } = explainError(error);
    console.error(message);
    if (commands.some((command) => command.opts<{ debug?: boolean }>().debug)) console.error(error);
    // Not process.exitCode: open handles of a failed command may keep the process alive.
    process.exit(exitCode);
  }
}
