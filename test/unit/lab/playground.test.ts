import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LabMode } from '../../../lab/contract.ts';
import { playground } from '../../../scripts/playground.ts';
import { parseManifests } from '../../../src/manifest/index.ts';
import { root } from '../../support/build.ts';
import { commandLinesOf, parseCommandLine } from '../../support/command-lines.ts';

const main = join(root, 'src', 'cli', 'main.ts');
const where = { root, node: process.execPath, main, address: '127.0.0.1:7233', kubeconfig: "/tmp/my lab's/config" };

describe.each(Object.values(LabMode))('a demo that stays up (%s)', (mode) => {
  const lines = playground({ ...where, mode });

  it('prints five commands that exist, a failing application among them', async () => {
    const commands = commandLinesOf(lines.slice(lines.indexOf('  Then try:')).join('\n'));
    expect(commands).toHaveLength(5);
    for (const words of commands) expect(await parseCommandLine(words)).toBe(words[0]);
    const file = commands.flat().find((word) => word.endsWith('failing.yaml'))!;
    expect(existsSync(file)).toBe(true);
    expect(parseManifests(readFileSync(file, 'utf8'))).toHaveLength(1);
  });

  it('prints two lines that set up a shell', () => {
    const paste = lines.filter((line) => /^(?:export|temporal-spark\(\))/.test(line));
    expect(paste).toHaveLength(2);
    const script = [...paste, 'printf "%s\\n" "$KUBECONFIG" "$TEMPORAL_ADDRESS"; temporal-spark --version'].join('\n');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe(
      `${where.kubeconfig}\n${where.address}\n${version}\n`,
    );
  });
});
