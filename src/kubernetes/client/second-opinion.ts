import { Opinion } from '../errors/confirmation.ts';
import { isKubernetesError, KubernetesErrorType, type KubernetesError } from '../errors/kubernetes-error.ts';
import type { SelfSubjectAccessReview } from '../objects.ts';
import { accessReviewRequest, discoveryRequest, READY_REQUEST, type ResourceRequest } from './request.ts';
import type { CallOptions } from './kubernetes-client.ts';

/** Of all questions together, in milliseconds: who asks is within an activity, and sends no heartbeat meanwhile. */
const OPINION_MS = 5_000;

/** Who is asked: the API server, as the user of the refused request. */
export interface AskedServer {
  json<T>(request: ResourceRequest, options: CallOptions): Promise<T>;
  text(request: ResourceRequest, options: CallOptions): Promise<string>;
}

/** Refusals of a question that an API server answers to everyone: as good as a no. */
const NO: readonly KubernetesErrorType[] = [
  KubernetesErrorType.Unauthorized,
  KubernetesErrorType.Forbidden,
  KubernetesErrorType.NotServed,
];

/**
 * The opinion of the API server, asked otherwise and as the same user, on the refusal of a request. It confirms where
 * it is ready, and its authorizer denies the request (`SelfSubjectAccessReview`), or its discovery does not list the
 * resource.
 */
export async function secondOpinion(
  server: AskedServer,
  { type }: KubernetesError,
  request: ResourceRequest,
): Promise<Opinion> {
  const options = { signal: AbortSignal.timeout(OPINION_MS), timeoutMs: OPINION_MS };
  const isReady = async () => {
    // Some do not show it; one that starts answers 500.
    await server.text(READY_REQUEST, options).catch(unlessRefused);
  };
  const isAllowed = async () => {
    const review = await server
      .json<SelfSubjectAccessReview>(accessReviewRequest(request), options)
      .catch(unlessRefused);
    return review?.status?.allowed === true;
  };
  const isServed = async () => {
    const list = await server.json<ResourceList>(discoveryRequest(request), options).catch(unlessRefused);
    return list?.resources?.some(({ name }) => name === request.resource) === true;
  };
  try {
    await isReady();
    const isContradicted =
      (type === KubernetesErrorType.Forbidden && (await isAllowed())) ||
      (type === KubernetesErrorType.NotServed && (await isServed()));
    return isContradicted ? Opinion.Contradicts : Opinion.Confirms;
  } catch {
    return Opinion.Undecided; // it cannot be asked now
  }
}

/** Of an `APIResourceList`. */
interface ResourceList {
  readonly resources?: readonly { readonly name: string }[];
}

function unlessRefused(error: unknown): undefined {
  if (!isKubernetesError(error, ...NO)) throw error;
}
