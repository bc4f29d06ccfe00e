import type { Command } from 'commander';

/** Examples of each command, by its name below `temporal-spark`. */
export const examples: Readonly<Record<string, readonly string[]>> = {
  run: [
    'run job.yaml --follow',
    'run jobs/*.yaml',
    'run job.yaml --with-others',
    'run pipeline.yaml -p date=2026-11-20 --run 2026-11-20',
    'run - < job.yaml',
  ],
  'spark-submit': [
    'spark-submit --class org.example.Main --conf spark.kubernetes.container.image=spark:4.1.4 local:///a.jar',
    'spark-submit --dry-run -o manifest --class org.example.Main -c spark.kubernetes.container.image=spark:4.1.4 local:///a.jar',
  ],
  retry: ['retry etl/load-orders --follow', 'retry load-orders --set spec.driver.memory=4g'],
  list: [
    'list -n etl --state RUNNING',
    'list --no-stages --watch',
    'list pipelines --since 24h',
    'list --state FAILED -o name',
  ],
  describe: ['describe etl/load-orders', 'describe weekly-etl/monday --watch', 'describe weekly-etl/monday/transform'],
  logs: ['logs etl/load-orders', 'logs load-orders -f', 'logs weekly-etl/monday/transform --tail 100 --grep ERROR'],
  ui: [
    'ui etl/load-orders',
    'ui weekly-etl/monday/transform --port 4040',
    'ui etl/load-orders --history-server https://history.example.com',
  ],
  connect: ['connect adhoc', 'connect etl/adhoc --port 15002'],
  manifest: ['manifest load-orders', 'manifest weekly-etl/monday -o json'],
  queue: ['queue', 'queue batch -o json'],
  kill: ['kill load-orders', 'kill -n etl a b c --reason "wrong input"', 'kill load-orders --grace-period 10'],
  suspend: ['suspend load-orders'],
  resume: ['resume load-orders'],
  restart: ['restart load-orders'],
  update: ['update job.yaml', 'update jobs/*.yaml'],
  'pipeline pause': ['pipeline pause weekly-etl/monday --note "input is late"'],
  'pipeline resume': ['pipeline resume weekly-etl/monday'],
  'pipeline cancel': ['pipeline cancel weekly-etl/monday'],
  'pipeline cancel-stage': ['pipeline cancel-stage weekly-etl/monday transform'],
  'pipeline rerun': [
    'pipeline rerun weekly-etl/monday --dry-run',
    'pipeline rerun weekly-etl/monday --from transform --follow',
  ],
  'schedule create': ['schedule create nightly.yaml', 'schedule create schedules/*.yaml'],
  'schedule list': ['schedule list'],
  'schedule describe': ['schedule describe nightly'],
  'schedule pause': ['schedule pause nightly --note "maintenance"'],
  'schedule resume': ['schedule resume nightly'],
  'schedule trigger': ['schedule trigger nightly'],
  'schedule backfill': ['schedule backfill nightly --from 2026-11-01 --to 2026-11-07'],
  'schedule delete': ['schedule delete nightly'],
  validate: ['validate jobs/', 'validate "jobs/*.yaml" --defaults defaults.yaml', 'validate jobs/ -o github'],
  render: [
    'render job.yaml',
    'render jobs/*.yaml',
    'render pipeline.yaml -o json',
    'render job.yaml --defaults defaults.yaml --explain',
  ],
  graph: ['graph pipeline.yaml > pipeline.svg', 'graph weekly-etl/monday -o mermaid'],
  setup: ['setup', 'setup -n etl -n reports'],
  worker: ['worker --log-format json'],
  operator: ['operator', 'operator --namespaces etl,reports --selector team=data'],
  doctor: ['doctor -n etl', 'doctor --manifest job.yaml'],
  release: ['release -n etl --dry-run', 'release --all --yes'],
  diff: ['diff jobs/ --from spark-submit --to native'],
  bench: ['bench --submitter native --apps 50'],
  'submitter-server': ['submitter-server --listen 0.0.0.0:8080'],
  completion: ['completion bash'],
};

/** Of commands that have none of their own (exit-code.ts). */
export const EXIT_CODES =
  'Exit codes: 0 done, 1 failed or refused, 2 invalid input or no such object, 3 no server or worker answers, 130 Ctrl-C.';

/** Adds examples and exit codes to the help of a command. */
export function addExamples(command: Command): void {
  if (command.parent === null) {
    command.addHelpText('after', `\n${EXIT_CODES}`);
    return;
  }
  const name = nameBelowRoot(command);
  const lines = examples[name]?.map((example) => `  temporal-spark ${example}`) ?? [];
  const codes = name === 'diff' ? [] : [EXIT_CODES];
  const sections = [...(lines.length === 0 ? [] : [['Examples:', ...lines].join('\n')]), ...codes];
  command.addHelpText('after', `\n${sections.join('\n\n')}`);
}

function nameBelowRoot(command: Command): string {
  const { parent } = command;
  return parent?.parent == null ? command.name() : `${nameBelowRoot(parent)} ${command.name()}`;
}
