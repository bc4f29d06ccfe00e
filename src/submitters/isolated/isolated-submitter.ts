import type { KubernetesClient } from '../../kubernetes/index.ts';
import type {
  CreatedDriver,
  RenderedDriver,
  SparkApplicationSubmitter,
  SubmissionRequest,
  SubmitterContext,
} from '../contract.ts';
import { driverObjects } from '../driver-objects.ts';
import { NativeSubmitter } from '../native/native-submitter.ts';

/** How a worker gets the rights of a service account. */
export const IsolatedRights = {
  /** It impersonates the account: needs `impersonate` on `serviceaccounts`. */
  Impersonation: 'impersonation',
  /** It requests a token of the account, a new one for each submission: needs `create` on `serviceaccounts/token`. */
  Token: 'token',
} as const;
export type IsolatedRights = (typeof IsolatedRights)[keyof typeof IsolatedRights];

export interface IsolatedOptions {
  /** @default "impersonation" */
  readonly rights?: IsolatedRights;
}

/** The shortest lifetime that API servers grant. */
const TOKEN_SECONDS = 600;

/**
 * Submits as the native submitter does, but with the rights of the application's service account and none of the
 * worker's: the API server itself enforces what that account may create. The worker needs no right to create anything.
 */
export class IsolatedSubmitter implements SparkApplicationSubmitter {
  readonly name = 'isolated';
  private readonly native = new NativeSubmitter();
  private readonly by: IsolatedRights;

  constructor({ rights = IsolatedRights.Impersonation }: IsolatedOptions = {}) {
    this.by = rights;
  }

  async submit(request: SubmissionRequest, context: SubmitterContext): Promise<CreatedDriver> {
    const kubernetes = await this.rightsFor(request, context);
    return this.native.submit(request, { kubernetes, signal: context.signal });
  }

  render(request: SubmissionRequest): Promise<RenderedDriver> {
    return this.native.render(request);
  }

  async rightsFor(request: SubmissionRequest, context: SubmitterContext): Promise<KubernetesClient> {
    const { spec } = driverObjects(request).pod;
    // As the API server reads it: the deprecated field counts where the other is empty.
    const account = spec?.serviceAccountName || spec?.serviceAccount || 'default';
    return this.rightsOf(request.submission.namespace, account, context);
  }

  /** Client with the rights of a service account. */
  async rightsOf(
    namespace: string,
    account: string,
    { kubernetes, signal }: SubmitterContext,
  ): Promise<KubernetesClient> {
    if (this.by === IsolatedRights.Impersonation) {
      return kubernetes.as({ user: `system:serviceaccount:${namespace}:${account}` });
    }
    const options = { expirationSeconds: TOKEN_SECONDS, signal };
    return kubernetes.as({ token: await kubernetes.serviceAccountToken(namespace, account, options) });
  }
}
