import { parseClusters, readClusters } from '../../../clusters/index.ts';
import { isKubernetesError, KubernetesErrorType, Resources, type KubernetesClient } from '../../../kubernetes/index.ts';
import type { ConfigMap } from '../../../kubernetes/objects.ts';
import { parsePlacement, readPlacement } from '../../../placement/index.ts';
import {
  readSubmitters,
  SubmittersConfigurationError,
  unknownSubmitters,
  type SubmittersConfiguration,
} from '../../../submitters/index.ts';
import { readDefaults } from '../../../defaults/index.ts';
import { readTenancy } from '../../../tenancy/index.ts';
import { failed, ok, warning, type Finding } from './finding.ts';

const SELECTOR = 'app.kubernetes.io/name=temporal-spark';

interface Kind {
  /** Name of the file and key of the ConfigMap. */
  readonly file: string;
  /** @throws an error that lists every problem */
  readonly check: (text: string) => void;
  readonly remedy: string;
}

const KINDS: readonly Kind[] = [
  {
    file: 'submitters.yaml',
    check: (text) => checkSubmitters(readSubmitters(text)),
    remedy: 'running workers keep the previous file, new ones do not start; fix it (docs/submitters.md)',
  },
  {
    file: 'clusters.yaml',
    check: (text) => void parseClusters(readClusters(text)),
    remedy: 'workers do not start with it; fix it (docs/clusters.md)',
  },
  {
    file: 'placement.yaml',
    check: (text) => void parsePlacement(readPlacement(text)),
    remedy: 'workers do not start with it; fix it (docs/placement.md)',
  },
  {
    file: 'tenancy.yaml',
    check: (text) => void readTenancy(text),
    remedy: 'running workers keep the previous file, new ones do not start; fix it (docs/security.md)',
  },
  {
    file: 'defaults.yaml',
    check: (text) => void readDefaults(text),
    remedy: 'running workers keep the previous file, new ones do not start; fix it (docs/defaults.md)',
  },
];

/**
 * Checks the configuration files of the workers in this cluster, which the chart keeps in ConfigMaps. A worker reports a
 * file that is not valid only in its log.
 */
export async function checkConfigurations(kubernetes: KubernetesClient): Promise<Finding[]> {
  const found: ConfigMap[] = [];
  try {
    const options = { labelSelector: SELECTOR };
    for await (const page of kubernetes.list(Resources.configMaps, undefined, options)) found.push(...page);
  } catch (error) {
    if (!isKubernetesError(error, KubernetesErrorType.Forbidden)) throw error;
    return [warning('configuration of workers', 'not checked: this account may not list ConfigMaps', error.message)];
  }
  return found.flatMap(({ metadata, data = {} }) =>
    KINDS.filter(({ file }) => data[file] !== undefined).map(({ file, check, remedy }) => {
      const what = `${file} of ${metadata!.namespace}/${metadata!.name}`;
      try {
        check(data[file]!);
        return ok(what, 'valid');
      } catch (error) {
        return failed(what, (error as Error).message, remedy);
      }
    }),
  );
}

/** Modules cannot be loaded here; their names are taken as given. */
function checkSubmitters(configuration: SubmittersConfiguration): void {
  const { modules = [], sparkSubmit, sparkSubmitJob } = configuration;
  const known = ['native', 'isolated', 'batch', ...modules.map(({ name }) => name)];
  if (sparkSubmit !== undefined) known.push('spark-submit');
  if (sparkSubmitJob !== undefined) known.push('spark-submit-job');
  const problems = unknownSubmitters(configuration, known);
  if (problems.length > 0) throw new SubmittersConfigurationError(problems);
}
