import type { SparkApplication } from '../../manifest/spark-application.ts';
import type { SubmissionIdentity } from '../../protocol/submission-identity.ts';
import { withoutTrailing } from '../../validation/trim.ts';

export interface IngressAddress {
  /** Absent where the format names none: every host then. */
  readonly host?: string;
  /** Begins with a slash; "/" where the format names none. */
  readonly path: string;
}

type Identity = Pick<SubmissionIdentity, 'sparkApplicationId'>;

/**
 * The address of an application from the format of a URL: `{{$appName}}`, `{{$appNamespace}}` and `{{$appId}}` filled
 * in.
 */
export function ingressUrl(format: string, { metadata }: SparkApplication, { sparkApplicationId }: Identity): string {
  const values: Readonly<Record<string, string>> = {
    appName: metadata.name,
    appNamespace: metadata.namespace,
    appId: sparkApplicationId,
  };
  return format.replace(/\{\{\s*\$(appName|appNamespace|appId)\s*\}\}/g, (_, key: string) => values[key]!);
}

export function ingressAddress(format: string, application: SparkApplication, identity: Identity): IngressAddress {
  const address = ingressUrl(format, application, identity);
  const [, host, path = '/'] = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/]*)(\/.*)?$/i.exec(address) ?? [];
  return { ...(host && { host }), path: path === '/' ? path : withoutTrailing(path, '/') };
}
