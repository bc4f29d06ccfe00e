import { formatProblems, type ManifestProblem } from '../../../manifest/index.ts';

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
export const inOptions = (problems: readonly ManifestProblem[]): string =>
  problems
    .map((problem) => `spark-submit: ${formatProblems([{ ...inOption(problem), document: 1 }])}`)
    .join('\n')
    .replaceAll('annotate metadata with temporal-spark/allow-literal-secrets: "true"', 'give --allow-literal-secrets');

function inOption({ path, pathText, ...problem }: ManifestProblem): ManifestProblem {
  const [, field, key, ...rest] = path;
  const template = field === 'driver' || field === 'executor' ? rest : [];
  const option =
    options[pathText] ??
    (field === 'sparkConf' && key !== undefined ? `--conf ${String(key)}` : undefined) ??
    (field === 'arguments' && typeof key === 'number' ? `argument ${key + 1} of the application` : undefined) ??
    (key === 'template'
      ? `--conf spark.kubernetes.${String(field)}.podTemplateFile: ${template.join('.')}`
      : undefined);
  return { ...problem, path, pathText: option ?? pathText };
}
