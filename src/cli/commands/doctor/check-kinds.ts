import { isKubernetesError, KubernetesErrorType, Resources, type KubernetesClient } from '../../../kubernetes/index.ts';
import { failed, ok, warning, type Finding } from './finding.ts';
import { readable, unseen } from './reading.ts';

const CHECK = 'kinds of the operator';

/** Those that an operator serves. Without the first it serves nothing. */
const kinds = [Resources.sparkApplications, Resources.scheduledSparkApplications, Resources.sparkConnects] as const;

/** Finds kinds that the API server does not know: the chart installs them, and an upgrade of it does not. */
export async function checkKinds(
  kubernetes: Pick<KubernetesClient, 'page'>,
  namespace: string,
): Promise<readonly Finding[]> {
  const findings = await Promise.all(
    kinds.map(async (kind): Promise<Finding | undefined> => {
      const check = `CustomResourceDefinition ${kind.plural}.${kind.apiVersion.split('/')[0]}`;
      const read = await readable(() => isServed(kubernetes, kind, namespace));
      if ('problem' in read) return unseen(check, read.problem);
      const bad = kind === Resources.sparkApplications ? failed : warning;
      return read.value
        ? undefined
        : bad(
            check,
            `is not installed: ${kind.kind}s are not served`,
            `kubectl apply -f deploy/helm/temporal-spark/crds/${kind.plural}.yaml`,
          );
    }),
  );
  const found = findings.filter((finding) => finding !== undefined);
  return found.length > 0 ? found : [ok(CHECK, kinds.map(({ kind }) => kind).join(', '))];
}

async function isServed(
  kubernetes: Pick<KubernetesClient, 'page'>,
  kind: (typeof kinds)[number],
  namespace: string,
): Promise<boolean> {
  try {
    await kubernetes.page(kind, namespace, undefined, { limit: 1 });
    return true;
  } catch (error) {
    if (isKubernetesError(error, KubernetesErrorType.NotServed)) return false;
    throw error;
  }
}
