import { API_VERSION } from '../../src/manifest/index.ts';
import { BareClient } from '../bare-client.ts';
import { scaleApplication, type ScaleLab, type StartApplication, type WorkerSettings } from '../scale/scale-lab.ts';

/** Of a worker that serves resources. */
export const SERVES: NonNullable<WorkerSettings['env']> = { TEMPORAL_SPARK_OPERATOR: 'true' };

/** Gives what applies resources as the barest client does; its connection is new, because API servers close old ones. */
export async function applying<T>({ lab }: ScaleLab, body: (apply: StartApplication) => Promise<T>): Promise<T> {
  const bare = new BareClient(lab.kubeconfig);
  try {
    return await body((namespace, name, annotations) =>
      bare.post(
        `/apis/${API_VERSION}/namespaces/${namespace}/sparkapplications`,
        scaleApplication(namespace, name, annotations),
      ),
    );
  } finally {
    bare.close();
  }
}
