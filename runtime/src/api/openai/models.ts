import type { FastifyInstance } from 'fastify';
import type { ListedModel } from '../../cluster/routing/listed-models.js';
import { modelNotFound } from '../api-error.js';

/** `GET /v1/models` and `GET /v1/models/{model}` */
export function models(app: FastifyInstance, describe: () => readonly ListedModel[]): void {
  app.get('/v1/models', async () => ({ object: 'list', data: describe().map(toModel) }));

  app.get<{ Params: { '*': string } }>('/v1/models/*', async (request) => {
    const id = request.params['*'];
    const model = describe().find((each) => each.id === id);
    if (!model) throw modelNotFound(id);
    return toModel(model);
  });
}

function toModel(model: ListedModel): object {
  return {
    id: model.id,
    object: 'model',
    created: model.created,
    owned_by: 'polypod',
    context_length: model.contextSize,
    capabilities: model.capabilities,
    resumes_by: model.resumesBy,
  };
}
