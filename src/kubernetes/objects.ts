/**
 * The Kubernetes objects we read and write, as JSON on the wire: the official client's types, with what its
 * (de)serialiser changes put back. Types only; every room may import this file as a type.
 *
 * @module
 */
import type * as k8s from '@kubernetes/client-node';

/**
 * A type of the official client as it looks in JSON: dates are RFC 3339 strings, and names that the generator
 * escapes (`_from`, `_continue`) are the API's own.
 */
export type Wire<T> = T extends Date
  ? string
  : T extends (infer U)[]
    ? Wire<U>[]
    : T extends object
      ? { [K in keyof T as K extends `_${infer Name}` ? Name : K]: Wire<T[K]> }
      : T;

/** What every object we send or receive has. */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
}

/** An object of a CustomResourceDefinition. */
export interface CustomObject extends KubernetesObject {
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

export type ObjectMeta = Wire<k8s.V1ObjectMeta>;
export type OwnerReference = Wire<k8s.V1OwnerReference>;
export type Pod = Wire<k8s.V1Pod>;
export type PodSpec = Wire<k8s.V1PodSpec>;
export type PodStatus = Wire<k8s.V1PodStatus>;
export type PodTemplate = Wire<k8s.V1PodTemplateSpec>;
export type Container = Wire<k8s.V1Container>;
export type ContainerStatus = Wire<k8s.V1ContainerStatus>;
export type EnvVar = Wire<k8s.V1EnvVar>;
export type Volume = Wire<k8s.V1Volume>;
export type VolumeMount = Wire<k8s.V1VolumeMount>;
export type ConfigMap = Wire<k8s.V1ConfigMap>;
export type Job = Wire<k8s.V1Job>;
export type Secret = Wire<k8s.V1Secret>;
export type Service = Wire<k8s.V1Service>;
export type ServiceAccount = Wire<k8s.V1ServiceAccount>;
export type PersistentVolumeClaim = Wire<k8s.V1PersistentVolumeClaim>;
export type NetworkPolicy = Wire<k8s.V1NetworkPolicy>;
export type Ingress = Wire<k8s.V1Ingress>;
export type PriorityClass = Wire<k8s.V1PriorityClass>;
export type PodDisruptionBudget = Wire<k8s.V1PodDisruptionBudget>;
export type Namespace = Wire<k8s.V1Namespace>;
export type Node = Wire<k8s.V1Node>;
export type CoreEvent = Wire<k8s.CoreV1Event>;
export type Status = Wire<k8s.V1Status>;
export type Deployment = Wire<k8s.V1Deployment>;
export type Scale = Wire<k8s.V1Scale>;
export type SelfSubjectAccessReview = Wire<k8s.V1SelfSubjectAccessReview>;
