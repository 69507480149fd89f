# Signet in a container: built with everything, run with what it needs, by a user without rights.
#   docker build -t signet .
#   docker run -p 5000:5000 -v signet-data:/data signet
FROM node:22-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci

# Only what the server needs at run time: a quarter of the whole.
FROM node:22-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json LICENSE ./
COPY text/package.json text/package.json
COPY smpp/package.json smpp/package.json
COPY server/package.json server/package.json
COPY console/package.json console/package.json
COPY bench/package.json bench/package.json
RUN npm ci --omit=dev --ignore-scripts -w server && rm -rf bench console package-lock.json

FROM node:22-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production SIGNET_DATA=/data SIGNET_HOST=0.0.0.0 SIGNET_PORT=5000 SIGNET_ENV=production
COPY --from=packages /app ./
COPY --from=build /src/text/dist text/dist
COPY --from=build /src/smpp/dist smpp/dist
COPY --from=build /src/server/bin server/bin
COPY --from=build /src/server/dist server/dist
COPY --from=build /src/console/dist console/dist
RUN mkdir /data && chown node:node /data && chmod +x server/bin/signet.js && ln -s /app/server/bin/signet.js /usr/local/bin/signet
USER node
VOLUME /data
EXPOSE 5000
# Whether the process answers; whether it may be sent requests is what /readyz says.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.SIGNET_PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/server/bin/signet.js"]
CMD ["serve"]
