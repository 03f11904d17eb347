import * as pulumi from '@pulumi/pulumi';
import type { ApiObject } from 'cdk8s';
import { resourceClass } from './kinds';

/** Registers the resource of an object, of the class that its kind has. */
export function register(
  { apiVersion, kind }: ApiObject,
  name: string,
  inputs: pulumi.Inputs,
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  const Resource = resourceClass(apiVersion, kind);
  const fields = apiVersion === 'v1' && kind === 'Secret' ? hideValues(inputs) : { ...inputs };
  // The status is the server's to write.
  delete fields.status;
  // A class passes on the fields that it knows, and throws for some that are missing. What a manifest may hold is
  // for the API server to say: exactly its fields go there, and the others that the class knows are outputs only.
  const demanding = new Proxy(fields, { get: (target, field) => Reflect.get(target, field) ?? null });
  const exactly: pulumi.ResourceTransformation = ({ props, opts }) => {
    const outputs = Object.fromEntries(Object.keys(props).map((field) => [field, undefined]));
    return { props: { ...outputs, ...fields }, opts };
  };
  return new Resource(name, demanding, pulumi.mergeOptions({ transformations: [exactly] }, options));
}

/** Every value of a Secret is secret, each by itself, so that a preview still knows those that it can know. */
function hideValues(inputs: pulumi.Inputs): pulumi.Inputs {
  const { data, stringData, ...others } = inputs;
  return {
    ...others,
    ...(data && { data: hide(data) }),
    ...(stringData && { stringData: hide(stringData) }),
  };
}

function hide(values: object): unknown {
  if (pulumi.Output.isInstance(values)) return pulumi.secret(values);
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, pulumi.secret(value)]));
}
