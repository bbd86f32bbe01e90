<?xml version="1.0" encoding="UTF-8"?>
<!-- The best one can do with XSLT 1.0: budget lines to the SCDL columns, labels found through keys (not by a scan of the
     chart of accounts). xsltproc -stringparam plan planDeCompte.xml keyed.xsl budget.xml -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:t="http://www.minefi.gouv.fr/cp/demat/docbudgetaire">
  <xsl:output method="text" encoding="UTF-8"/>
  <xsl:param name="plan"/>
  <xsl:variable name="chart" select="document($plan)"/>
  <xsl:key name="chapter" match="Nature/Chapitres/Chapitre" use="@Code"/>
  <xsl:key name="account" match="Nature/Comptes//Compte" use="@Code"/>
  <xsl:key name="function" match="RefFonctionnelles//RefFonc" use="@Code"/>

  <xsl:variable name="budget" select="//t:Budget"/>
  <xsl:variable name="head" select="concat('compte administratif,', $budget/t:BlocBudget/t:Exer/@V, ',',
      $budget/t:EnTeteBudget/t:IdEtab/@V, ',&quot;', //t:EnTeteDocBudgetaire/t:LibelleColl/@V, '&quot;,')"/>

  <xsl:template match="/">
    <xsl:text>BGT_NATDEC,BGT_ANNEE,BGT_SIRET,BGT_NOM,BGT_CONTNAT,BGT_CONTNAT_LABEL,BGT_NATURE,BGT_NATURE_LABEL,BGT_FONCTION,BGT_FONCTION_LABEL,BGT_OPERATION,BGT_SECTION,BGT_OPBUDG,BGT_CODRD,BGT_MTREAL,BGT_MTBUDGPREC,BGT_MTRARPREC,BGT_MTPROPNOUV,BGT_MTPREV,BGT_CREDOUV,BGT_MTRAR3112,BGT_ARTSPE&#13;&#10;</xsl:text>
    <xsl:apply-templates select="$budget/t:LigneBudget[not(@calculated = 'true')]"/>
  </xsl:template>

  <xsl:template match="t:LigneBudget">
    <xsl:variable name="line" select="."/>
    <xsl:value-of select="$head"/>
    <xsl:for-each select="$chart">
      <xsl:variable name="chapter" select="key('chapter', $line/t:ContNat/@V)"/>
      <xsl:value-of select="concat($line/t:ContNat/@V, ',&quot;', $chapter/@Libelle, '&quot;,', $line/t:Nature/@V, ',&quot;',
          key('account', $line/t:Nature/@V)/@Libelle, '&quot;,', $line/t:Fonction/@V, ',&quot;',
          key('function', $line/t:Fonction/@V)/@Libelle, '&quot;,', $line/t:Operation/@V, ',')"/>
      <xsl:choose>
        <xsl:when test="$chapter/@Section = 'I'">investissement,</xsl:when>
        <xsl:otherwise>fonctionnement,</xsl:otherwise>
      </xsl:choose>
    </xsl:for-each>
    <xsl:choose>
      <xsl:when test="t:OpBudg/@V = '1'">ordre,</xsl:when>
      <xsl:otherwise>réel,</xsl:otherwise>
    </xsl:choose>
    <xsl:choose>
      <xsl:when test="t:CodRD/@V = 'R'">recette,</xsl:when>
      <xsl:otherwise>dépense,</xsl:otherwise>
    </xsl:choose>
    <xsl:value-of select="concat(t:MtReal/@V, ',', t:MtBudgPrec/@V, ',', t:MtRARPrec/@V, ',', t:MtPropNouv/@V, ',',
        t:MtPrev/@V, ',', t:CredOuv/@V, ',', t:MtRAR3112/@V, ',')"/>
    <xsl:choose>
      <xsl:when test="t:ArtSpe/@V = 'true' or t:ArtSpe/@V = '1'">spécialisé</xsl:when>
      <xsl:otherwise>non spécialisé</xsl:otherwise>
    </xsl:choose>
    <xsl:text>&#13;&#10;</xsl:text>
  </xsl:template>
</xsl:stylesheet>
