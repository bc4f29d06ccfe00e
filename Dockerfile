# The worker. glibc, because Temporal's native core has no musl build.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
# The workspace lab/ is not here, so npm leaves it and its dependencies out.
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.ts ./scripts/build.ts
COPY src ./src
RUN npm run build
# What it takes to run, in the locked versions, and of Temporal's native core only the build for this platform. The SDK
# stands among the development dependencies too, beside being a peer, and would go with --omit=dev.
RUN npm pkg delete devDependencies \
 && npm prune --no-audit --no-fund \
 && cd node_modules/@temporalio/core-bridge/releases \
 && keep="$(uname -m | sed 's/arm64/aarch64/')-unknown-linux-gnu" \
 && find . -mindepth 1 -maxdepth 1 ! -name "$keep" -exec rm -rf {} +

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
# V8 would let the young generation grow to 100 MiB under load, of which a worker uses little: its memory stays flat.
ENV NODE_OPTIONS=--max-semi-space-size=16
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# For kubectl exec … -- temporal-spark doctor.
RUN ln -s /app/dist/cli/main.js /usr/local/bin/temporal-spark
USER node
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["worker", "--log-format", "json"]
