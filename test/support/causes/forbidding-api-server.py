"""An API server of Kubernetes that refuses everything, as one does whose RBAC grants nothing. Prints its port."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer

VERBS = {"GET": "get", "POST": "create", "DELETE": "delete", "PATCH": "patch", "PUT": "update"}


class Handler(BaseHTTPRequestHandler):
    def refuse(self):
        length = int(self.headers.get("content-length") or 0)
        self.rfile.read(length)
        parts = self.path.split("?")[0].strip("/").split("/")
        namespace = parts[parts.index("namespaces") + 1] if "namespaces" in parts else "default"
        plural = parts[parts.index(namespace) + 1] if namespace in parts[:-1] else parts[-1]
        named = parts[-1] != plural
        verb = VERBS[self.command] if named or self.command != "GET" else "list"
        subject = f'{plural} "{parts[-1]}"' if named else plural
        user = f"system:serviceaccount:{namespace}:default"
        message = (
            f'{subject} is forbidden: User "{user}" cannot {verb} resource "{plural}" '
            f'in API group "" in the namespace "{namespace}"'
        )
        body = json.dumps(
            {
                "kind": "Status",
                "apiVersion": "v1",
                "metadata": {},
                "status": "Failure",
                "message": message,
                "reason": "Forbidden",
                "details": {"kind": plural, **({"name": parts[-1]} if named else {})},
                "code": 403,
            }
        ).encode()
        self.send_response(403)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = refuse

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
