import { objectsAt, scalarText, textAt, valueAt } from '../json';
import type { KubernetesObject } from '../kubernetes-object';
import type { Model } from './model';
import { labelSelector, type Selector, selects } from './selector';
import type { Service } from './service';

/** What Prometheus is told to scrape of a Service. */
export interface Scrape {
  /** The ServiceMonitor. */
  readonly object: KubernetesObject;
  /** Name of the Service's port, or number or name of the pods' port. */
  readonly port: string;
  readonly urlPath: string;
}

interface Monitor {
  readonly object: KubernetesObject;
  readonly selector: Selector;
}

/** The ServiceMonitors of the input, found by the labels of Services. */
export class Monitors {
  private readonly byKey = new Map<string, Monitor[]>();

  constructor(model: Model) {
    for (const object of model.ofKind('ServiceMonitor')) {
      const selector = labelSelector(valueAt(object.manifest, 'spec', 'selector'));
      for (const namespace of namespacesOf(object)) {
        const key = keyOf(namespace, selector);
        const known = this.byKey.get(key);
        if (known) known.push({ object, selector });
        else this.byKey.set(key, [{ object, selector }]);
      }
    }
  }

  /** What is scraped of a Service. */
  scrapesOf({ object, namespace }: Service): Scrape[] {
    const labels = Object.entries(object.labels).map(([label, value]) => `${label}=${value}`);
    return ['', namespace].flatMap((where) =>
      ['', ...labels].flatMap((label) =>
        (this.byKey.get(`${where}\0${label}`) ?? [])
          .filter(({ selector }) => selects(selector, object.labels))
          .flatMap((monitor) => scrapes(monitor.object)),
      ),
    );
  }
}

function scrapes(object: KubernetesObject): Scrape[] {
  return objectsAt(object.manifest, 'spec', 'endpoints').flatMap(({ item }) => {
    const port = textAt(item, 'port') ?? scalarText(item.targetPort);
    return port === undefined ? [] : [{ object, port, urlPath: textAt(item, 'path') ?? '/metrics' }];
  });
}

/** Namespaces that a monitor looks into; `''` is all. */
function namespacesOf({ manifest, namespace }: KubernetesObject): string[] {
  if (valueAt(manifest, 'spec', 'namespaceSelector', 'any') === true) return [''];
  const names = valueAt(manifest, 'spec', 'namespaceSelector', 'matchNames');
  const texts = Array.isArray(names) ? names.filter((name) => typeof name === 'string' && name !== '') : [];
  return texts.length > 0 ? texts.map(String) : [namespace];
}

/** By one label that the selector asks for, where it does. */
function keyOf(namespace: string, { requirements }: Selector): string {
  const first = requirements.find(({ operator, values }) => operator === 'In' && values.length === 1);
  return `${namespace}\0${first ? `${first.key}=${first.values[0]}` : ''}`;
}
