/**
 * Which files of `src/` a manifest passes from `temporal-spark run FILE` to the request that creates the driver pod, and
 * how often it is checked: `npm run walk [-- FILE] [-- --json]`. The application is a plain one
 * (`examples/spark-pi.yaml`), with the default submitter, on one cluster without a placement configuration.
 *
 * A file counts if a function of it runs between the reading of the file and that request. Not counted are:
 * - the code of a module outside of its functions, and the functions that run while it is loaded;
 * - what runs once when a process starts: the command line, connections, configuration, the list of activities;
 * - the construction of an object: a file counts when a method of the object is called;
 * - what runs after the request, for example the verification of what the submitter created.
 *
 * The rooms that know neither Spark nor an application are libraries, as `@temporalio/client` and `zod` are: a reader
 * does not follow a manifest into them. Each that is entered counts as one file, its door. The Kubernetes client is
 * such a room; the stages use a simulated one in its place.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SteppedWorkflow } from '../../test/support/stepped-workflow.ts';
import { workflowBundle } from '../../test/support/workflow-bundle.ts';
import { Coverage, type Ran } from './coverage.ts';
import { Frontend } from './frontend.ts';
import { clientStage, workerStage, workflowStage, type Setting } from './stages.ts';

/** Rooms that count as one file. */
const LIBRARIES = ['kubernetes', 'pod-rules', 'timings', 'validation'] as const;
/** Each worker uses the simulated client of the API server. */
const KUBERNETES = 'kubernetes/';
/** The function that checks a manifest. */
const CHECK = { file: 'manifest/load.ts', name: 'check' } as const;

interface Stage {
  readonly name: string;
  /** Sorted; a library ends in a slash. */
  readonly files: readonly string[];
  /** How many files of libraries ran. */
  readonly inLibraries: number;
  /** How often the manifest was checked. */
  readonly checks: number;
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' } } });
const [file = join(import.meta.dirname, '..', '..', 'examples', 'spark-pi.yaml')] = positionals;
const stages = await measure(file);
const all = [...new Set(stages.flatMap(({ files }) => files))].sort();
if (values.json === true) console.log(JSON.stringify({ stages, files: all }));
else print();

async function measure(path: string): Promise<readonly Stage[]> {
  const { codePath } = await workflowBundle();
  // The sandbox evaluates the modules of the workflows when it is made, which is not a part of the walk.
  await SteppedWorkflow.start({ type: 'step', args: [{ hold: true }] });
  await using frontend = await Frontend.start();
  const setting: Setting = { file: path, coverage: await Coverage.start(codePath), frontend };
  const client = await clientStage(setting);
  const { ran: workflow, input } = await workflowStage(setting);
  const worker = await workerStage(setting, input);
  return [stageOf('client', client), stageOf('workflow', workflow), stageOf('worker', worker, [KUBERNETES])];
}

function stageOf(name: string, ran: readonly Ran[], more: readonly string[] = []): Stage {
  const called = ran.filter((each) => !isConstruction(each));
  const files = new Set(called.map((each) => each.file));
  const libraries = [...files].filter((each) => libraryOf(each) !== undefined);
  const checks = called.filter((each) => each.file === CHECK.file && each.name === CHECK.name);
  return {
    name,
    files: [...new Set([...[...files].map((each) => libraryOf(each) ?? each), ...more])].sort(),
    inLibraries: libraries.length,
    checks: checks.reduce((sum, { count }) => sum + count, 0),
  };
}

/** The constructor of a class has its name, which begins with a capital letter; the rest is what a compiler adds to it. */
function isConstruction({ name }: Ran): boolean {
  return /^[A-Z]/.test(name) || name === '<instance_members_initializer>' || name === '_define_property';
}

function libraryOf(path: string): string | undefined {
  const library = LIBRARIES.find((room) => path.startsWith(`${room}/`));
  return library && `${library}/`;
}

function print(): void {
  const width = Math.max(...all.map((each) => each.length));
  const row = (first: string, cells: readonly (string | number)[]): void =>
    console.log([first.padEnd(width), ...cells.map((cell) => String(cell).padStart(8))].join('  ').trimEnd());
  row(
    'file',
    stages.map(({ name }) => name),
  );
  for (const each of all)
    row(
      each,
      stages.map(({ files }) => (files.includes(each) ? 'x' : '')),
    );
  console.log();
  row(
    `${all.length} files`,
    stages.map(({ files }) => files.length),
  );
  row(
    'files inside of the libraries',
    stages.map(({ inLibraries }) => inLibraries),
  );
  row(
    'checks of the manifest',
    stages.map(({ checks }) => checks),
  );
}
