// Passkeys (WebAuthn): adds one, or answers the second step and the sign-in with one. No library, no other host.

const decode = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const withBytes = (list) => (list ?? []).map((item) => ({ ...item, id: decode(item.id) }));

/** What the server sent as JSON, with bytes where the browser wants them. */
function readCreationOptions({ publicKey }) {
  return {
    ...publicKey,
    challenge: decode(publicKey.challenge),
    user: { ...publicKey.user, id: decode(publicKey.user.id) },
    excludeCredentials: withBytes(publicKey.excludeCredentials),
    authenticatorSelection: {
      ...publicKey.authenticatorSelection,
      residentKey: "preferred",
      requireResidentKey: false,
    },
  };
}

function readRequestOptions({ publicKey }) {
  return {
    ...publicKey,
    challenge: decode(publicKey.challenge),
    allowCredentials: withBytes(publicKey.allowCredentials),
  };
}

/** The browser's credential as the JSON that the server reads. */
function toJson(credential) {
  const { response } = credential;
  const bytes = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const parts = bytes.filter((name) => response[name]).map((name) => [name, encode(response[name])]);
  return JSON.stringify({
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: Object.fromEntries(parts),
  });
}

function explain(error) {
  if (error.name === "NotAllowedError") return "没有完成：已取消，或等得太久。请再按一次按钮。";
  if (error.name === "InvalidStateError") return "这台设备已经添加过通行密钥。";
  if (error.name === "SecurityError") return "通行密钥只在正式网址的安全连接（https）上可用。";
  return "这台设备或浏览器不能使用通行密钥，请改用其他方式。";
}

async function ask(mode, options) {
  if (mode === "create") return navigator.credentials.create({ publicKey: readCreationOptions(options) });
  return navigator.credentials.get({ publicKey: readRequestOptions(options) });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const status = form.querySelector("[data-passkey-status]");
  const data = JSON.parse(form.querySelector("script[type='application/json']").textContent);
  form.addEventListener("submit", async (event) => {
    if (form.credential.value) return;
    event.preventDefault();
    status.textContent = "请按浏览器的提示操作……";
    try {
      const credential = await ask(form.dataset.passkey, data.creation_options ?? data.request_options);
      form.credential.value = toJson(credential);
      form.submit();
    } catch (error) {
      status.textContent = explain(error);
    }
  });
}

for (const button of document.querySelectorAll("[data-passkey-login]")) {
  const status = document.querySelector("[data-passkey-status]");
  button.hidden = !window.PublicKeyCredential;
  button.addEventListener("click", async () => {
    const address = button.dataset.passkeyLogin;
    status.textContent = "请按浏览器的提示操作……";
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      const credential = await ask("get", (await answer.json()).request_options);
      const form = document.createElement("form");
      form.method = "post";
      form.action = address;
      const fields = { credential: toJson(credential), csrfmiddlewaretoken: button.form.csrfmiddlewaretoken.value };
      for (const [name, value] of Object.entries(fields)) {
        form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
      }
      document.body.append(form);
      form.submit();
    } catch (error) {
      status.textContent = explain(error);
    }
  });
}
