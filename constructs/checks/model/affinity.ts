import { objectsAt, textAt } from '../json';
import { affinityTargets, hasAffinity } from '../known/affinity';
import type { Model } from './model';
import type { Service } from './service';

/** Whether clients stay on the pod that they first reached, by whatever stands before it. */
export class Affinity {
  private readonly model: Model;
  private readonly targets = new Set<string>();

  constructor(model: Model) {
    this.model = model;
    for (const object of model.objects) {
      for (const { kind, name } of affinityTargets(object))
        this.targets.add(`${object.namespace}/${kind}/${name}`);
    }
  }

  /** Whether a Service, a way to it, or a policy on either asks for it. */
  isKept({ object, name, namespace }: Service): boolean {
    if (hasAffinity(object) || this.targets.has(`${namespace}/Service/${name}`)) return true;
    const config = /"(?:default|ports)"\s*:.*"([\w.-]+)"/.exec(
      object.annotations['cloud.google.com/backend-config'] ?? '',
    );
    if (config?.[1] !== undefined && this.targets.has(`${namespace}/BackendConfig/${config[1]}`)) return true;
    const service = this.model.service(namespace, name);
    return (service ? this.model.routesTo(service) : []).some(({ object: route }) => {
      if (hasAffinity(route) || this.targets.has(`${route.namespace}/${route.kind}/${route.name}`))
        return true;
      return objectsAt(route.manifest, 'spec', 'parentRefs').some(({ item }) =>
        this.targets.has(`${textAt(item, 'namespace') ?? route.namespace}/Gateway/${textAt(item, 'name')}`),
      );
    });
  }
}
