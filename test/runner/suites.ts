import { matchesGlob } from 'node:path';

/** `test`: the gate and `npm test`. `all`: what only `npm run test:all` runs. */
export const Lane = { Test: 'test', All: 'all' } as const;
export type Lane = (typeof Lane)[keyof typeof Lane];

/** Tests that need the same environment. Suites run one after the other; the files of a suite run in parallel. */
export interface Suite {
  /** Name of the project in vitest.config.ts. */
  readonly name: SuiteName;
  readonly what: string;
  readonly lane: Lane;
  /** Globs of files in the checkout; no file belongs to two suites. */
  readonly include: readonly string[];
  /** Globs of what does not belong to it all the same. */
  readonly exclude?: readonly string[];
  readonly globalSetup?: string;
  /**
   * Files of a process share its modules: no process is started and nothing is loaded again for each of them. What a test
   * changes of the process it must put back; `test/runner/put-back.ts` sees to it.
   */
  readonly sharesProcess?: boolean;
  /** What a test prints is shown where it fails. Of other suites it is a result, such as a size or a duration. */
  readonly isQuiet?: boolean;
  /** Run before each file. */
  readonly setupFiles?: readonly string[];
  /** Files at once, on two cores: 2 where tests compute, more where they wait for servers, 1 where they start JVMs. */
  readonly workers: number;
}

export type SuiteName =
  | 'unit'
  | 'temporal'
  | 'cluster'
  | 'prometheus'
  | 'clients'
  | 'real'
  | 'jvm'
  | 'rules'
  | 'real-all'
  | 'recorder'
  | 'package'
  | 'ui'
  | 'chaos'
  | 'cold';

/** Each test of these starts JVMs, or waits for one. */
const jvmTests = ['test/cluster/spark-submit-{job,submitter}.test.ts'];
const manyRules = 'test/cluster/pod-rules-many.test.ts';
const chaosSample = 'test/chaos/chaos.test.ts';
const realTests = ['test/real/core.test.ts', 'test/real/pipeline.test.ts'];

/** In the order in which they run. */
export const suites: readonly Suite[] = [
  {
    name: 'unit',
    what: 'what needs no server: units, stepped workflows, replay, goldens, and the command line',
    lane: Lane.Test,
    include: ['test/**/*.test.ts'],
    exclude: ['test/{temporal,cluster,prometheus,clients,real,package,recorder,ui,cold}/**', chaosSample],
    sharesProcess: true,
    isQuiet: true,
    setupFiles: ['test/runner/put-back.ts', 'test/runner/seed.ts'],
    workers: 2,
  },
  {
    name: 'temporal',
    what: 'a real Temporal server without a cluster',
    lane: Lane.Test,
    include: ['test/temporal/**/*.test.ts'],
    globalSetup: 'test/temporal/global-setup.ts',
    workers: 6,
  },
  {
    name: 'cluster',
    what: 'a real API server, scheduler and Temporal server with simulated nodes',
    lane: Lane.Test,
    include: ['test/cluster/**/*.test.ts'],
    exclude: [...jvmTests, manyRules],
    globalSetup: 'test/cluster/global-setup.ts',
    workers: 6,
  },
  {
    name: 'prometheus',
    what: 'the alert rules, by Prometheus itself',
    lane: Lane.Test,
    include: ['test/prometheus/**/*.test.ts'],
    globalSetup: 'test/cluster/global-setup.ts',
    workers: 1,
  },
  {
    name: 'real',
    what: 'real Spark on a real kubelet, where nothing else can show it',
    lane: Lane.Test,
    include: realTests,
    globalSetup: 'test/real/global-setup.ts',
    workers: 1,
  },
  {
    name: 'clients',
    what: 'clients that others wrote for the Spark operator, against a real API server',
    lane: Lane.All,
    include: ['test/clients/**/*.test.ts'],
    globalSetup: 'test/cluster/global-setup.ts',
    workers: 1,
  },
  {
    name: 'jvm',
    what: "spark-submit's own client against a real API server",
    lane: Lane.All,
    include: jvmTests,
    globalSetup: 'test/cluster/global-setup.ts',
    workers: 1,
  },
  {
    name: 'rules',
    what: 'thousands of pods by our rules and by those of a real API server',
    lane: Lane.All,
    include: [manyRules],
    globalSetup: 'test/cluster/global-setup.ts',
    workers: 1,
  },
  {
    name: 'real-all',
    what: 'everything else with real Spark, and the real environment itself',
    lane: Lane.All,
    include: ['test/real/**/*.test.ts'],
    exclude: realTests,
    globalSetup: 'test/real/global-setup.ts',
    workers: 1,
  },
  {
    name: 'recorder',
    what: 'recordings of the real spark-submit, made again and compared',
    lane: Lane.All,
    include: ['test/recorder/**/*.test.ts'],
    workers: 1,
  },
  {
    name: 'package',
    what: "the packed package, and the image's build steps",
    lane: Lane.All,
    include: ['test/package/**/*.test.ts'],
    workers: 1,
  },
  {
    name: 'ui',
    what: "Temporal's UI in headless Chromium",
    lane: Lane.All,
    include: ['test/ui/**/*.test.ts'],
    workers: 1,
  },
  {
    name: 'chaos',
    what: 'a sample of the chaos matrix (npm run chaos runs all of it)',
    lane: Lane.All,
    include: [chaosSample],
    workers: 1,
  },
  {
    name: 'cold',
    what: 'npm run demo in a fresh clone with nothing cached',
    lane: Lane.All,
    include: ['test/cold/**/*.test.ts'],
    workers: 1,
  },
];

/** The suite that a test file belongs to; the path is relative to the checkout. */
export function suiteOf(file: string): SuiteName | undefined {
  const matches = (globs: readonly string[] = []) => globs.some((glob) => matchesGlob(file, glob));
  return suites.find(({ include, exclude }) => matches(include) && !matches(exclude))?.name;
}
