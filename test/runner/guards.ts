import { matchesGlob } from 'node:path';
import { Lane, suiteOf, suites, type SuiteName } from './suites.ts';

/** Which suites can notice that a change of these files broke something. */
export interface Guard {
  readonly files: readonly string[];
  readonly suites: readonly SuiteName[];
}

const fast: readonly SuiteName[] = ['unit', 'temporal', 'cluster'];

/** A file belongs to every row that matches it. CONTRIBUTING.md shows this table. */
export const guards: readonly Guard[] = [
  { files: ['src/**', 'examples/**', 'deploy/**', 'bench/**'], suites: fast },
  { files: ['src/{spark,manifest,placement}/**', 'examples/manifests/**'], suites: ['real', 'real-all', 'recorder'] },
  { files: ['src/{pod-rules,spark}/**'], suites: ['rules'] },
  { files: ['src/{workflows,activities,kubernetes,worker}/**', 'src/worker.ts'], suites: ['real', 'chaos'] },
  { files: ['src/logs/**'], suites: ['real-all'] },
  { files: ['deploy/helm/**/alert-rules.yaml', 'src/{activities,worker}/*metric*.ts'], suites: ['prometheus'] },
  { files: ['src/{operator,mirror}/**'], suites: ['clients'] },
  { files: ['src/workflows/**', 'src/client/**'], suites: ['ui'] },
  { files: ['src/submitters/**'], suites: ['jvm', 'real-all'] },
  { files: ['src/*.ts', 'src/workflows/index.ts', 'scripts/build.ts'], suites: ['package'] },
  { files: ['lab/**'], suites: [...fast, 'real'] },
  { files: ['lab/{real,image,toolchain}/**', 'scripts/**'], suites: ['real-all', 'cold'] },
  { files: ['Dockerfile', 'docker-compose.yml', 'tsconfig*.json'], suites: ['unit', 'package'] },
  { files: ['docs/**', 'schema/**', '*.md', '*.mjs'], suites: ['unit'] },
  { files: ['test/support/**', 'test/runner/**', 'vitest.config.ts'], suites: [...fast, 'real'] },
  { files: ['test/component/golden/**'], suites: ['unit', 'recorder'] },
  { files: ['test/chaos/**'], suites: ['chaos'] },
  { files: ['package.json', 'package-lock.json'], suites: suites.map(({ name }) => name) },
];

/** The suites for a change of these files, in the order in which they run. No file has no suite: an unknown one has all of the lane `test`. */
export function suitesFor(files: readonly string[]): SuiteName[] {
  const needed = new Set(files.flatMap(suitesOfFile));
  return suites.map(({ name }) => name).filter((name) => needed.has(name));
}

function suitesOfFile(file: string): readonly SuiteName[] {
  const own = suiteOf(file);
  if (own !== undefined) return [own];
  const matching = guards.filter(({ files }) => files.some((glob) => matchesGlob(file, glob)));
  if (matching.length > 0) return matching.flatMap(({ suites: names }) => names);
  return suites.filter(({ lane }) => lane === Lane.Test).map(({ name }) => name);
}

/** The table as CONTRIBUTING.md shows it. */
export function guardTable(): string {
  const rows = guards.map(({ files, suites: names }) => [
    files.map((file) => `\`${file}\``).join(', '),
    names.length === suites.length ? 'all' : names.map((name) => `\`${name}\``).join(', '),
  ]);
  return [['A change of', 'needs the suites'], ...rows].map(([left, right]) => `| ${left} | ${right} |`).join('\n');
}
