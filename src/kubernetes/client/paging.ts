import { isKubernetesError, KubernetesErrorType } from '../errors/kubernetes-error.ts';
import type { KubernetesObject } from '../objects.ts';
import type { Page, PageOptions, Resource } from './kubernetes-client.ts';
import { listRequest } from './request.ts';
import type { RequestSender } from './request-sender.ts';

const DEFAULT_PAGE_SIZE = 500;
/** How much smaller each try of a page is that was too large. */
const SHRINK = 4;

/** All pages of a list, one after the other. */
export async function* listPages<T extends KubernetesObject>(
  sender: RequestSender,
  resource: Resource<T>,
  namespace: string | undefined,
  options: PageOptions,
): AsyncIterable<T[]> {
  let token: string | undefined;
  do {
    const page = await getPage(sender, resource, namespace, token, options).catch((error: unknown) => {
      // The rest of the list in its present state: each object that existed all along is still seen once.
      const fresh = continueTokenOf(error);
      if (token === undefined || fresh === undefined) throw error;
      return getPage(sender, resource, namespace, fresh, options);
    });
    yield page.items;
    token = page.continueToken;
  } while (token !== undefined);
}

/**
 * One page; of fewer objects than the limit where that many are too large for one response.
 *
 * @throws KubernetesError of type Expired where the token is too old
 */
export async function getPage<T extends KubernetesObject>(
  sender: RequestSender,
  resource: Resource<T>,
  namespace: string | undefined,
  continueToken: string | undefined,
  options: PageOptions,
): Promise<Page<T>> {
  for (let limit = options.limit ?? DEFAULT_PAGE_SIZE; ; limit = Math.ceil(limit / SHRINK)) {
    try {
      return await getPageOf(sender, resource, namespace, continueToken, { ...options, limit });
    } catch (error) {
      // A limit of 0 stands for all: a smaller page would be one of a list that may have expired.
      if (limit <= 1 || !isKubernetesError(error, KubernetesErrorType.ResponseTooLarge)) throw error;
    }
  }
}

async function getPageOf<T extends KubernetesObject>(
  sender: RequestSender,
  resource: Resource<T>,
  namespace: string | undefined,
  continueToken: string | undefined,
  { labelSelector, fieldSelector, limit, ...options }: PageOptions,
): Promise<Page<T>> {
  const request = listRequest(resource, namespace, { limit, labelSelector, fieldSelector, continue: continueToken });
  const { items, metadata } = await sender.json<ObjectList<T>>(request, options);
  // The items of a list carry neither apiVersion nor kind.
  for (const item of items) {
    item.apiVersion ??= resource.apiVersion;
    item.kind ??= resource.kind;
  }
  return { items, resourceVersion: metadata.resourceVersion, continueToken: metadata.continue || undefined };
}

interface ObjectList<T> {
  readonly items: T[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

/** The token with which a list continues whose own token has expired. */
function continueTokenOf(error: unknown): string | undefined {
  return isKubernetesError(error, KubernetesErrorType.Expired) ? error.continueToken : undefined;
}
