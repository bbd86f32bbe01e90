/* Places a budget of the portal on another site, in a frame as high as what it shows. Nothing is read, kept or sent.
   <script src="https://portal/budgets/integrer.js" data-budget="…" async></script> */
(function () {
  "use strict";

  var HIGHEST = 30000;
  var me = document.currentScript;
  if (!me || !me.parentNode) return;

  var given = me.dataset;
  var french = (given.langue || document.documentElement.lang || "fr").slice(0, 2) !== "en";
  var address = target();
  if (!address) {
    if (window.console) {
      console.error(french
        ? "Budget : data-budget attend un SIREN (9 chiffres) ou un SIRET (14 chiffres) ; data-exercice et data-etape vont ensemble."
        : "Budget: data-budget wants a SIREN (9 digits) or a SIRET (14 digits); data-exercice and data-etape go together.");
    }
    return;
  }

  /* The address of the page, from that of this script: the portal may be under a folder. */
  function target() {
    var number = (given.budget || "").replace(/\s/g, "");
    if (!/^(\d{9}|\d{14})$/.test(number) || !given.exercice !== !given.etape) return null;
    var url = new URL(me.src);
    var path = number;
    if (given.exercice) path += "/" + encodeURIComponent(given.exercice) + "/" + encodeURIComponent(given.etape);
    url.pathname = url.pathname.replace(/[^/]*$/, path + "/integrer");
    url.search = "";
    url.hash = "";
    ["vues", "couleur", "logo", "langue"].forEach(function (name) {
      if (given[name]) url.searchParams.set(name, given[name].replace(/^#/, ""));
    });
    return url;
  }

  var frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = given.titre || (french ? "Le budget en chiffres" : "The budget in figures");
  frame.loading = "lazy";
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  frame.style.cssText = "display:block;box-sizing:border-box;width:100%;height:600px;border:0";

  /* Only this frame, and only while it shows the portal. */
  window.addEventListener("message", function (event) {
    if (event.source !== frame.contentWindow || event.origin !== address.origin) return;
    var height = event.data && event.data.budgetHeight;
    if (typeof height !== "number" || !(height > 0)) return;
    frame.style.height = Math.min(Math.ceil(height), HIGHEST) + "px";
  });
  me.parentNode.insertBefore(frame, me.nextSibling);
})();
