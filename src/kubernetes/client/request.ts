import type { KubernetesCall } from '../errors/kubernetes-error.ts';
import type { KubernetesObject } from '../objects.ts';
import { BodyLimit, logLimit } from './body-limit.ts';
import type { ApiRequest } from './connection.ts';
import {
  PatchType,
  type CreateOptions,
  type DeleteOptions,
  type ReadLogOptions,
  type Resource,
  type TokenOptions,
} from './kubernetes-client.ts';
import { Resources } from './resources.ts';

/** A request to the API server, independent of the user. */
export interface ResourceRequest
  extends
    Omit<KubernetesCall, 'cluster'>,
    Pick<ApiRequest, 'method' | 'path' | 'body' | 'contentType'>,
    Partial<Pick<ApiRequest, 'limitBytes' | 'ofPod'>> {
  /** Whether sending it twice has the same effect as sending it once. */
  readonly idempotent: boolean;
}

export function createRequest(
  resource: Resource,
  namespace: string | undefined,
  object: KubernetesObject,
  { dryRun, fieldValidation }: CreateOptions,
): ResourceRequest {
  const query = { dryRun: dryRun === true ? 'All' : undefined, fieldValidation };
  return {
    verb: 'create',
    method: 'POST',
    resource: resource.plural,
    namespace,
    name: object.metadata?.name,
    path: pathOf(resource, namespace, undefined, query),
    body: JSON.stringify(object),
    idempotent: dryRun === true,
  };
}

export function getRequest(resource: Resource, namespace: string | undefined, name: string): ResourceRequest {
  const path = pathOf(resource, namespace, name);
  return { verb: 'get', method: 'GET', resource: resource.plural, namespace, name, path, idempotent: true };
}

/** @param query of a page: `limit`, selectors, `continue` */
export function listRequest(resource: Resource, namespace: string | undefined, query: Query): ResourceRequest {
  const path = pathOf(resource, namespace, undefined, query);
  return { verb: 'list', method: 'GET', resource: resource.plural, namespace, path, idempotent: true };
}

/** Where a watch begins, what it shows, and how long it lasts. */
export interface WatchQuery {
  readonly labelSelector: string;
  readonly resourceVersion: string;
  readonly timeoutSeconds: number;
}

export function watchRequest(resource: Resource, namespace: string | undefined, query: WatchQuery): ResourceRequest {
  const path = pathOf(resource, namespace, undefined, { ...query, watch: true, allowWatchBookmarks: true });
  return { verb: 'watch', method: 'GET', resource: resource.plural, namespace, path, idempotent: true };
}

export function patchRequest(
  resource: Resource,
  namespace: string | undefined,
  name: string,
  type: PatchType,
  patch: unknown,
): ResourceRequest {
  return {
    verb: 'patch',
    method: 'PATCH',
    resource: resource.plural,
    namespace,
    name,
    path: pathOf(resource, namespace, name),
    body: JSON.stringify(patch),
    contentType: type,
    idempotent: type !== PatchType.Json,
  };
}

export function deleteRequest(
  resource: Resource,
  namespace: string | undefined,
  name: string,
  { uid, propagationPolicy, gracePeriodSeconds }: DeleteOptions,
): ResourceRequest {
  const body = { propagationPolicy, gracePeriodSeconds, preconditions: uid === undefined ? undefined : { uid } };
  return {
    verb: 'delete',
    method: 'DELETE',
    resource: resource.plural,
    namespace,
    name,
    path: pathOf(resource, namespace, name),
    body: JSON.stringify(body),
    idempotent: true,
  };
}

export function logRequest(namespace: string, pod: string, options: ReadLogOptions): ResourceRequest {
  const { container, tailLines, limitBytes, previous, follow, timestamps, sinceTime } = options;
  const query = { container, tailLines, limitBytes, previous, follow, timestamps, sinceTime };
  const path = pathOf(Resources.pods, namespace, pod, query, 'log');
  return {
    verb: 'get',
    method: 'GET',
    resource: 'pods/log',
    namespace,
    name: pod,
    path,
    idempotent: true,
    limitBytes: logLimit(limitBytes),
  };
}

/** @param path of the server in the pod, with its query */
export function podProxyRequest(namespace: string, pod: string, port: number, path: string): ResourceRequest {
  const proxy = pathOf(Resources.pods, namespace, `${pod}:${port}`, {}, 'proxy');
  return {
    verb: 'get',
    method: 'GET',
    resource: 'pods/proxy',
    namespace,
    name: pod,
    path: `${proxy}${path}`,
    idempotent: false,
    limitBytes: BodyLimit.Answer,
    ofPod: true,
  };
}

export function tokenRequest(namespace: string, name: string, { expirationSeconds }: TokenOptions): ResourceRequest {
  const resource = { ...Resources.serviceAccounts, subresource: 'token' };
  return {
    verb: 'create',
    method: 'POST',
    resource: 'serviceaccounts/token',
    namespace,
    name,
    path: pathOf(resource, namespace, name),
    body: JSON.stringify({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds },
    }),
    idempotent: true,
    limitBytes: BodyLimit.Answer,
  };
}

/** Whether the API server lets this user make that request. */
export function accessReviewRequest({ verb, resource: of, namespace, name, path }: ResourceRequest): ResourceRequest {
  const [resource, subresource] = of.split('/');
  const [, kind, group] = path.split('/');
  // An object that is created has no name yet, as far as an authorizer is concerned.
  const object = verb === 'create' && subresource === undefined ? undefined : name;
  const attributes = { verb, group: kind === 'apis' ? group : '', resource, subresource, namespace, name: object };
  const { plural } = Resources.selfSubjectAccessReviews;
  return {
    verb: 'create',
    method: 'POST',
    resource: plural,
    path: pathOf(Resources.selfSubjectAccessReviews, undefined),
    body: JSON.stringify({
      apiVersion: Resources.selfSubjectAccessReviews.apiVersion,
      kind: Resources.selfSubjectAccessReviews.kind,
      spec: kind === 'version' ? { nonResourceAttributes: { verb, path } } : { resourceAttributes: attributes },
    }),
    idempotent: true,
    limitBytes: BodyLimit.Answer,
  };
}

/** The resources of the API group of that request. */
export function discoveryRequest({ path }: ResourceRequest): ResourceRequest {
  const [, kind = '', ...segments] = path.split('/');
  const group = [kind, ...segments.slice(0, kind === 'apis' ? 2 : 1)].join('/');
  return { verb: 'get', method: 'GET', resource: group, path: `/${group}`, idempotent: true };
}

export const VERSION_REQUEST = plainRequest('version');
export const READY_REQUEST = plainRequest('readyz');

function plainRequest(resource: string): ResourceRequest {
  const path = `/${resource}`;
  return { verb: 'get', method: 'GET', resource, path, idempotent: true, limitBytes: BodyLimit.Answer };
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

function pathOf(
  { apiVersion, plural, namespaced, subresource: ofResource }: Resource,
  namespace: string | undefined,
  name?: string,
  query: Query = {},
  subresource: string | undefined = ofResource,
): string {
  const segments = [
    ...(apiVersion.includes('/') ? ['apis', ...apiVersion.split('/')] : ['api', apiVersion]),
    ...(namespaced && namespace !== undefined ? ['namespaces', namespace] : []),
    plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  const parameters = Object.entries(query).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : `${key}=${encodeURIComponent(value)}`,
  );
  const search = parameters.length === 0 ? '' : `?${parameters.join('&')}`;
  return `/${segments.map(encodeURIComponent).join('/')}${search}`;
}
