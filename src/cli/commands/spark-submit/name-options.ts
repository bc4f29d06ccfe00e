import { formatProblems, type ManifestProblem } from '../../../manifest/index.ts';
import { ACCEPT_LITERAL_SECRETS, LITERAL_SECRET } from '../../../manifest/literal-secrets.ts';
import { MISSING_IMAGE } from '../../../spark/index.ts';
import {
  sparkSubmitFlags,
  type SparkSubmitCommandLine,
  type SparkSubmitFlag,
  type SparkSubmitFlagName,
} from '../../../spark/spark-submit-cli/flags.ts';
import { present } from '../../../validation/present.ts';
import type { FoundProblem } from '../../../validation/problem.ts';
import { pathText } from '../../../validation/problems.ts';

/** The options of spark-submit that become fields of the manifest. */
const options: Readonly<Record<string, string>> = {
  'metadata.name': '--name',
  'metadata.namespace': '--conf spark.kubernetes.namespace',
  'spec.sparkVersion': '--spark-version',
  'spec.image': '--conf spark.kubernetes.container.image',
  'spec.driver.image': '--conf spark.kubernetes.driver.container.image',
  'spec.executor.image': '--conf spark.kubernetes.executor.container.image',
  'spec.driver.serviceAccount': '--conf spark.kubernetes.authenticate.driver.serviceAccountName',
  'spec.executor.serviceAccount': '--conf spark.kubernetes.authenticate.executor.serviceAccountName',
  'spec.driver.kubernetesMaster': '--conf spark.kubernetes.driver.master',
  'spec.mainClass': '--class',
  'spec.mainApplicationFile': 'the application',
  'spec.proxyUser': '--proxy-user',
};

/** The problems of the manifest that a command line became, in words of the command line. */
export function inOptions(
  problems: readonly (FoundProblem | ManifestProblem)[],
  commandLine: SparkSubmitCommandLine,
): string {
  return problems
    .map((problem) => {
      const shown = { ...problem, document: 1, pathText: inOption(problem, commandLine) };
      return `spark-submit: ${formatProblems([{ ...shown, ...present({ remedy: remedyOf(problem) }) }])}`;
    })
    .join('\n');
}

/** The remedy of a manifest, in the words of a command line. */
function remedyOf({ code, remedy }: FoundProblem): string | undefined {
  switch (code) {
    case MISSING_IMAGE:
      return 'Give --conf spark.kubernetes.container.image=spark:4.1.4.';
    case LITERAL_SECRET:
      return remedy?.replace(ACCEPT_LITERAL_SECRETS, 'give --allow-literal-secrets');
    default:
      return remedy;
  }
}

function inOption({ path }: FoundProblem, { flags }: SparkSubmitCommandLine): string {
  const [, field, key, ...rest] = path;
  const known = options[pathText(path)];
  if (known !== undefined) return known;
  if (field === 'sparkConf' && key !== undefined) {
    const flag = Object.entries<SparkSubmitFlag>(sparkSubmitFlags).find(([, { key: its }]) => its === key)?.[0];
    return flag !== undefined && flags[flag as SparkSubmitFlagName] !== undefined
      ? `--${flag}`
      : `--conf ${String(key)}`;
  }
  if (field === 'arguments' && typeof key === 'number') return `argument ${key + 1} of the application`;
  if (key !== 'template') return pathText(path);
  const template = field === 'driver' || field === 'executor' ? rest : [];
  return `--conf spark.kubernetes.${String(field)}.podTemplateFile: ${template.join('.')}`;
}
