import type { SparkApplication } from '../manifest/spark-application.ts';
import type { SubmissionIdentity } from './submission.ts';

export interface IngressAddress {
  /** Absent where the format names none: every host then. */
  readonly host?: string;
  /** Begins with a slash; "/" where the format names none. */
  readonly path: string;
}

/** What the format of a URL becomes for an application: `{{$appName}}`, `{{$appNamespace}}` and `{{$appId}}` filled in. */
export function ingressAddress(
  format: string,
  { metadata }: SparkApplication,
  { sparkApplicationId }: Pick<SubmissionIdentity, 'sparkApplicationId'>,
): IngressAddress {
  const values: Readonly<Record<string, string>> = {
    appName: metadata.name,
    appNamespace: metadata.namespace,
    appId: sparkApplicationId,
  };
  const address = format.replace(/\{\{\s*\$(appName|appNamespace|appId)\s*\}\}/g, (_, key: string) => values[key]!);
  const [, host, path = '/'] = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/]*)(\/.*)?$/i.exec(address) ?? [];
  return { ...(host && { host }), path: path === '/' ? path : path.replace(/\/+$/, '') };
}
